// A server of static files. With `answering` false it hangs up, as a network that is away.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const types = { css: "text/css", html: "text/html", js: "text/javascript", svg: "image/svg+xml", wasm: "application/wasm",
  webmanifest: "application/manifest+json" };

export async function serve(folder) {
  const server = createServer(async (request, response) => {
    if (!server.answering) return request.socket.destroy();
    const path = new URL(request.url, "http://localhost").pathname.replace(/\/$/, "/index.html");
    try {
      const bytes = await readFile(folder + path);
      response.setHeader("content-type", types[path.split(".").pop()] ?? "application/octet-stream");
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  server.answering = true;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.address = `http://127.0.0.1:${server.address().port}/`;
  return server;
}
