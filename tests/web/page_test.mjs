// The page in a real browser: a sudoku is solved with the keyboard on a phone's and on a desk's width, without the network
// the second time; axe finds no violation. Screenshots: build/web-test.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

const root = new URL("../../", import.meta.url).pathname;
const pictures = `${root}build/web-test`;
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const question = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
const answer = "534678912672195348198342567859761423426853791713924856961537284287419635345286179";

let browser, server;
before(async () => {
  mkdirSync(pictures, { recursive: true });
  server = await serve(`${root}build/web`);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
});
after(async () => {
  await browser.close();
  server.close();
});

// A page whose console and network are watched: `strays` are addresses that are not the page's own.
async function open(context, path = "") {
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`${error}`));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  page.on("request", (request) => request.url().startsWith(server.address) || page.faults.push(request.url()));
  await page.goto(server.address + path);
  await page.locator("body[data-ready]").waitFor({ timeout: 60_000 });
  return page;
}

const board = (page) => page.locator("#sudoku [role=gridcell]").evaluateAll((cells) => cells.map((cell) => cell.textContent || ".").join(""));
const said = (page, text) => page.locator("#status", { hasText: text }).waitFor({ timeout: 60_000 });

async function checkAccessibility(page, where) {
  // Evaluated, not added as a script: the page's policy would refuse a script that is not its own.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
}

async function solveWithTheKeyboard(page) {
  await page.locator("#sudoku .clear").press("Enter");
  await page.locator("#sudoku [role=gridcell]").first().focus();
  await page.keyboard.type(question);
  assert.equal(await board(page), question);
  await page.keyboard.press("Enter");
  await said(page, "Solved at the first try");
  await page.waitForFunction((text) => [...document.querySelectorAll("#sudoku [role=gridcell]")].map((cell) => cell.textContent).join("") === text, answer);
}

for (const [width, height] of [[360, 780], [1280, 900]]) {
  test(`a sudoku is solved with the keyboard, ${width} pixels wide, the second time without the network`, async () => {
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await open(context);
    await page.evaluate(() => {
      globalThis.shifts = [];
      const name = ({ node }) => `${node?.nodeName}.${node?.className ?? node?.data}`;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) => {
        if (value > 0.005) globalThis.shifts.push(`${value}: ${sources.map(name).join(", ")}`);
      })).observe({ type: "layout-shift", buffered: true });
    });
    await solveWithTheKeyboard(page);
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "wider than the screen");
    await page.screenshot({ path: `${pictures}/sudoku-${width}.png`, fullPage: true });
    for (const tab of ["sudoku", "maze", "arc", "file"]) {
      await page.locator(`#tab-${tab}`).click();
      await checkAccessibility(page, tab);
    }
    assert.equal(await page.evaluate(() => document.cookie), "");
    await page.evaluate(() => navigator.serviceWorker.ready);
    assert.deepEqual(page.faults, []);
    await page.close();

    server.answering = false;
    try {
      const again = await open(context);
      await solveWithTheKeyboard(again);
      assert.deepEqual(again.faults.filter((fault) => !/ERR_(EMPTY_RESPONSE|CONNECTION)/.test(fault)), []);
    } finally {
      server.answering = true;
    }
    await context.close();
  });
}

test("a maze is solved, in the dark, with motion reduced", async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 700 }, colorScheme: "dark", reducedMotion: "reduce" });
  const page = await open(context, "#maze");
  await page.locator("#maze [role=gridcell]").first().press("Enter");
  await said(page, /olved/);
  assert.ok(await page.locator("#maze .path").count() > 3);
  await checkAccessibility(page, "maze in the dark");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "wider than the screen");
  await page.screenshot({ path: `${pictures}/maze-320-dark.png`, fullPage: true });
  assert.deepEqual(page.faults, []);
  await context.close();
});

test("a hard sudoku takes several tries; what they are is said; any layout can be pasted", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  const page = await open(context);
  await page.locator("#sudoku .examples").selectOption({ label: "17 givens" });
  await page.locator("#sudoku .solve").click();
  await said(page, /olved in \d+ tries/);
  assert.match(await page.locator("#sudoku .tries").textContent(), /as given; \d+ faults2\. rows and columns exchanged/);
  await page.screenshot({ path: `${pictures}/tries-1280.png`, fullPage: true });
  await page.locator("#sudoku summary").click();
  await page.locator("#paste-sudoku").fill(question.match(/.{9}/g).join("\n"));
  await page.locator("#sudoku .paste").click();
  await said(page, "One sudoku was read.");
  assert.equal(await board(page), question);
  await page.locator("#paste-sudoku").fill("neither a sudoku nor two");
  await page.locator("#sudoku .paste").click();
  await said(page, /text/);
  assert.deepEqual(page.faults, []);
  await context.close();
});

test("a model file says what it is, a file that is none is refused", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context);
  await page.locator("#tab-file").click();
  await page.locator("#file input").setInputFiles(`${root}models/bundled/maze_int8.gguf`);
  await said(page, "maze_int8.gguf is read.");
  assert.match(await page.locator("#file .facts").textContent(), /121 cells, 6 symbols/);
  await page.locator("#file input").setInputFiles(`${root}tests/web/nano.gguf`);
  await said(page, "nano.gguf is read.");
  assert.match(await page.locator("#file .facts").textContent(), /sudokus on boards that this page does not draw/);
  assert.equal(await page.locator("#file .use").isVisible(), false);
  await page.locator("#file input").setInputFiles(`${root}models/bundled/README.md`);
  await said(page, "README.md is no model file");
  assert.deepEqual(page.faults, []);
  await context.close();
});

test("ARC's votes come in", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context, "#arc");
  await page.locator("#arc input[type=file]").setInputFiles([`${root}tests/web/arc_model.gguf`,
    `${root}tests/data/dataset_arc/mini_evaluation_challenges.json`]);
  await said(page, "arc_model.gguf is read.");
  await page.locator("#arc .samples").fill("2");
  await page.locator("#arc .run").click();
  await said(page, "All samples have voted.");
  assert.equal(await page.locator("#arc .test").count(), 8);
  assert.match(await page.locator("#arc .grids").first().textContent(), /the question.*vote/);
  await checkAccessibility(page, "arc with votes");
  await page.screenshot({ path: `${pictures}/arc-1280.png`, fullPage: true });
  assert.deepEqual(page.faults, []);
  await context.close();
});

test("opened as a file, the page says what to do", async () => {
  const page = await browser.newPage();
  await page.goto(`file://${root}build/web/index.html`);
  await page.locator("#status", { hasText: "A page opened as a file" }).locator("span").waitFor({ timeout: 10_000 });
  await page.close();
});
