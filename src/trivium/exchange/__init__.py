"""What Trivium hands to other systems, in their own formats. Only translates: it never decides anything."""
