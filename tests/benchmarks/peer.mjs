// DayPilot Lite in headless Chromium, on request: one JSON line in, one JSON line out.
// node peer.mjs FOLDER CHROMIUM   FOLDER has node_modules. Requests: load, open, turn.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";

const [folder, executablePath] = process.argv.slice(2);
const modules = path.join(path.resolve(folder), "node_modules");
const { chromium } = createRequire(path.join(modules, "x.js"))("playwright-core");
const library = path.join(
  modules, "@daypilot/daypilot-lite-javascript/daypilot-javascript.min.js");

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.setDefaultTimeout(300000);
await page.setContent(
  "<!doctype html><style>body{margin:0}</style><div id=place style='height:900px'></div>");
await page.addScriptTag({ path: library });
await page.evaluate(() => {
  // Two frames and a task later the pixels are there.
  const frame = () => new Promise((go) => requestAnimationFrame(go));
  const shown = async () => {
    await frame();
    await frame();
    await new Promise((go) => setTimeout(go, 0));
  };
  const timed = async (deed) => {
    const began = performance.now();
    deed();
    await shown();
    return performance.now() - began;
  };
  let calendar = null;
  window.bench = {
    load: (events, first) => Object.assign(window.bench, { events, first }),
    open: async () => {
      if (calendar) calendar.dispose();
      document.getElementById("place").replaceChildren();
      await shown();
      const ms = await timed(() => {
        calendar = new DayPilot.Calendar(document.getElementById("place"), {
          viewType: "Week", startDate: window.bench.first, cellDuration: 15,
          weekStarts: new Date(window.bench.first + "T00:00:00Z").getUTCDay(),
          businessBeginsHour: 7, businessEndsHour: 20, heightSpec: "BusinessHours",
          eventMoveHandling: "Update", events: window.bench.events,
        });
        calendar.init();
      });
      return { ms, drawn: document.querySelectorAll(".calendar_default_event").length };
    },
    turn: async (days) => ({
      ms: await timed(() => {
        calendar.startDate = calendar.startDate.addDays(days);
        calendar.update();
      }),
    }),
  };
});

const answer = (found) => process.stdout.write(JSON.stringify(found) + "\n");
answer({ ready: true, version: browser.version() });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  if (wish.do === "load") {
    const events = JSON.parse(fs.readFileSync(wish.events, "utf8"));
    await page.evaluate(([e, first]) => { window.bench.load(e, first); }, [events, wish.first]);
    answer({ loaded: events.length });
  } else if (wish.do === "open") {
    answer(await page.evaluate(() => window.bench.open()));
  } else {
    answer(await page.evaluate((days) => window.bench.turn(days), wish.days));
  }
}
await browser.close();
