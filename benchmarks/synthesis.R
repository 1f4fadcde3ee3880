# Times metafor on the data of the first argument, seconds a call by task, to the file of the second.
# In: {ai, n1i, ci, n2i, xi, ni, rounds, slow_rounds}. Tables are made once; fitting alone is timed.
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
arguments <- commandArgs(trailingOnly = TRUE)
d <- fromJSON(arguments[1])
e <- escalc("RR", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i)
tasks <- list(
  DL = function() rma(e$yi, e$vi, method = "DL"),
  PM = function() rma(e$yi, e$vi, method = "PM"),
  REML = function() rma(e$yi, e$vi, method = "REML", test = "knha"),
  MH = function() rma.mh(measure = "OR", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i),
  GLMM = function() rma.glmm(measure = "PLO", xi = d$xi, ni = d$ni, nAGQ = 25)
)
seconds <- sapply(names(tasks), function(name) {
  rounds <- if (name == "GLMM") d$slow_rounds else d$rounds
  suppressWarnings(tasks[[name]]())
  system.time(for (i in seq_len(rounds)) suppressWarnings(tasks[[name]]()))[["elapsed"]] / rounds
})
estimates <- sapply(tasks, function(task) unname(suppressWarnings(task())$beta[1]))
write(toJSON(list(seconds = as.list(seconds), estimates = as.list(estimates)), auto_unbox = TRUE, digits = NA), arguments[2])
