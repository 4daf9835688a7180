// The page of a show.

import "./shell.js";
