# Pools tables with metafor. Reads JSON from the first argument, writes JSON to the second.
# In:  [{kind: "two", ai, n1i, ci, n2i} | {kind: "one", xi, ni}], each a list of numbers
# Out: one object a table, results by name; null where metafor gives none.
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
arguments <- commandArgs(trailingOnly = TRUE)
tables <- fromJSON(arguments[1], simplifyDataFrame = FALSE)

quiet <- function(expression) tryCatch(suppressWarnings(suppressMessages(expression)), error = function(e) NULL)
tight <- list(maxiter = 100000, threshold = 1e-12, stepadj = 0.5, tol = 1e-13, REMLf = TRUE)

common <- function(fit) {
  if (is.null(fit) || is.na(fit$beta[1])) return(NULL)
  list(est = fit$beta[1], se = fit$se, low = fit$ci.lb, high = fit$ci.ub, q = fit$QE)
}

random <- function(yi, vi, method) {
  fit <- quiet(rma(yi, vi, method = method, control = tight))
  if (is.null(fit)) return(NULL)
  out <- c(common(fit), list(tau2 = fit$tau2, i2 = fit$I2, h2 = fit$H2))
  if (method != "EE" && length(yi) > 2) {
    band <- predict(fit)
    out$pi <- c(band$pi.lb, band$pi.ub)
  }
  for (test in c("knha", "adhoc")) {
    other <- quiet(rma(yi, vi, method = method, test = test, control = tight))
    if (!is.null(other)) out[[test]] <- c(other$ci.lb, other$ci.ub)
  }
  if (method == "REML") {
    found <- quiet(confint(fit, control = list(tol = 1e-13, tau2.max = 1e7)))
    if (!is.null(found)) out$tau2_ci <- as.numeric(found$random[1, 2:3])
  }
  out
}

inverse <- function(yi, vi) {
  keep <- !is.na(yi) & !is.na(vi)
  yi <- yi[keep]; vi <- vi[keep]
  if (length(yi) < 2) return(NULL)
  methods <- c("EE", "DL", "REML", "PM", "ML", "HE", "SJ")
  out <- setNames(lapply(methods, function(method) random(yi, vi, method)), methods)
  out$k <- length(yi)
  if (length(yi) >= 10) {
    test <- quiet(regtest(rma(yi, vi, method = "EE"), model = "lm", predictor = "sei"))
    if (!is.null(test)) out$egger <- c(test$zval, test$pval)
  }
  out
}

two <- function(table) {
  out <- list()
  for (measure in c("RR", "OR", "RD")) {
    d <- quiet(escalc(measure, ai = table$ai, n1i = table$n1i, ci = table$ci, n2i = table$n2i,
                      add = 0.5, to = "only0", drop00 = measure != "RD"))
    if (!is.null(d)) out[[measure]] <- inverse(as.numeric(d$yi), as.numeric(d$vi))
    out[[paste0("MH_", measure)]] <- common(quiet(rma.mh(
      measure = measure, ai = table$ai, n1i = table$n1i, ci = table$ci, n2i = table$n2i)))
  }
  out$PETO <- common(quiet(rma.peto(ai = table$ai, n1i = table$n1i, ci = table$ci, n2i = table$n2i)))
  if (isTRUE(table$glmm)) {
    fit <- quiet(rma.glmm(measure = "OR", ai = table$ai, n1i = table$n1i, ci = table$ci, n2i = table$n2i,
                          nAGQ = 25))
    if (!is.null(fit)) out$GLMM <- list(est = fit$beta[1], se = fit$se, tau2 = fit$tau2)
  }
  out
}

one <- function(table) {
  out <- list()
  d <- escalc("PLO", xi = table$xi, ni = table$ni)
  out$logit <- inverse(as.numeric(d$yi), as.numeric(d$vi))
  d <- escalc("PFT", xi = table$xi, ni = table$ni)
  fit <- rma(d$yi, d$vi, method = "EE")
  back <- predict(fit, transf = transf.ipft.hm, targs = list(ni = table$ni))
  out$FT <- list(p = back$pred, low = back$ci.lb, high = back$ci.ub)
  fit <- quiet(rma.glmm(measure = "PLO", xi = table$xi, ni = table$ni, nAGQ = 25))
  if (!is.null(fit)) out$GLMM <- list(est = fit$beta[1], se = fit$se, tau2 = fit$tau2, lrt = fit$QE.LRT)
  out
}

results <- lapply(tables, function(table) if (table$kind == "two") two(table) else one(table))
write(toJSON(results, auto_unbox = TRUE, digits = NA, na = "null", null = "null"), arguments[2])
