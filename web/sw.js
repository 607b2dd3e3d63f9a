// Keeps the page's files, so that it opens without a network. With one, the newest files are shown.
const cacheName = "trm";
const files = ["./", "app.js", "arc.js", "engine.js", "grid.js", "icon.svg", "manifest.webmanifest", "maze.js", "player.js",
  "style.css", "sudoku.js", "worker.js", "models/maze.gguf", "models/sudoku.gguf", "trm/module.js", "trm/trm-relaxed.wasm",
  "trm/trm.js", "trm/trm.wasm"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function answer(request) {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
addEventListener("fetch", (event) => {
  const { origin } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === location.origin) event.respondWith(answer(event.request));
});
