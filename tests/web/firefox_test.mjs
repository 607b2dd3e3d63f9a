// The page in Firefox: a sudoku is solved with the keyboard. page_test.mjs has all else, in Chromium.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { serve } from "./server.mjs";

const root = new URL("../../", import.meta.url).pathname;
let browser, server;
before(async () => {
  server = await serve(`${root}build/web`);
  browser = await puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr" });
});
after(async () => {
  await browser.close();
  server.close();
});

test("a sudoku is solved with the keyboard", async () => {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`${error}`));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(server.address);
  await page.waitForSelector("body[data-ready]", { timeout: 60_000 });
  await page.focus("#sudoku .clear");
  await page.keyboard.press("Enter");
  await page.focus("#sudoku [role=gridcell]");
  await page.keyboard.type("53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79");
  await page.keyboard.press("Enter");
  // The status speaks of the run, the rules of the step on the board, which shows one step after another.
  const solved = () => document.querySelector("#status").textContent.includes("Solved at the first try") &&
    document.querySelector("#sudoku dd.rules").textContent === "solved";
  await page.waitForFunction(solved, { timeout: 60_000 });
  const board = await page.$$eval("#sudoku [role=gridcell]", (cells) => cells.map((cell) => cell.textContent).join(""));
  assert.equal(board, "534678912672195348198342567859761423426853791713924856961537284287419635345286179");
  assert.deepEqual(faults, []);
});
