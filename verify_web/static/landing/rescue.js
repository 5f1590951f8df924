/*
 * For browsers in which the verifier does not start: too old for it, or a file of it did not come. Shows the form by which
 * the server checks. Written for any browser of the last fifteen years.
 */
(function () {
  "use strict";
  function rescue() {
    if (document.documentElement.getAttribute("data-verifier") !== "ready") {
      document.getElementById("rescue").hidden = false;
    }
  }
  window.setTimeout(rescue, 6000);
})();
