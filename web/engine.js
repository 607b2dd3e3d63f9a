// The page's side of worker.js.
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const calls = new Map();
let last = 0;

worker.addEventListener("message", ({ data: { id, event, error, result } }) => {
  const call = calls.get(id);
  if (!call) return;
  if (event) return call.tell?.(event);
  calls.delete(id);
  if (error) call.reject(new Error(error));
  else call.resolve(result);
});
worker.addEventListener("error", ({ message }) => {
  for (const call of calls.values()) call.reject(new Error(message || "the model's thread failed"));
  calls.clear();
});

/** Asks the worker to act. The promise has a method stop(); `tell` sees every event before it settles. */
export function ask(act, values = {}, tell, transfer = []) {
  const id = ++last;
  const promise = new Promise((resolve, reject) => calls.set(id, { resolve, reject, tell }));
  promise.stop = () => worker.postMessage({ cancel: id });
  worker.postMessage({ id, act, ...values }, transfer);
  return promise;
}

const status = document.querySelector("#status");
/** Tells everybody, screen readers too. */
export function say(text) {
  status.textContent = text;
}
