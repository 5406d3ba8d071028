/* Lets the search work from a file: browsers start no worker there, so its script runs in a hidden frame instead.
   The theme's search looks for a parent with IFrameWorker, and waits for what importScripts gives. */
(function () {
  "use strict";
  if (window.location.protocol !== "file:") return;

  function IFrameWorker(url) {
    var worker = new EventTarget();
    Object.setPrototypeOf(worker, IFrameWorker.prototype);
    var frame = document.createElement("iframe");
    var waiting = [];
    frame.hidden = true;
    document.body.appendChild(frame);
    var inside = frame.contentWindow;

    window.addEventListener("message", function (event) {
      if (event.source !== inside) return;
      var copy = new MessageEvent("message", { data: event.data });
      worker.dispatchEvent(copy);
    });
    worker.postMessage = function (data) {
      if (waiting) waiting.push(data);
      else inside.dispatchEvent(new MessageEvent("message", { data: data }));
    };
    worker.terminate = function () { frame.remove(); };

    inside.document.open();
    inside.document.write("<!doctype html><html><body></body></html>");
    inside.document.close();
    inside.postMessage = function (data) { worker.dispatchEvent(new MessageEvent("message", { data: data })); };
    inside.importScripts = function () {
      return Array.prototype.reduce.call(arguments, function (before, source) {
        return before.then(function () { return load(inside.document, source); });
      }, Promise.resolve());
    };
    load(inside.document, url).then(function () {
      var held = waiting;
      waiting = null;
      held.forEach(worker.postMessage);
    });
    return worker;
  }
  IFrameWorker.prototype = Object.create(EventTarget.prototype);

  function load(target, source) {
    return new Promise(function (done, failed) {
      var script = target.createElement("script");
      script.src = source;
      script.onload = done;
      script.onerror = function () { failed(new Error("a script of the search is missing")); };
      target.body.appendChild(script);
    });
  }

  window.IFrameWorker = IFrameWorker;
  window.Worker = IFrameWorker;
})();
