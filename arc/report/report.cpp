#include "arc/report/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include "arc/report/grid_svg.hpp"
#include "io/atomic_file.hpp"
#include "io/text.hpp"

namespace trm::arc {
namespace {

constexpr std::ptrdiff_t submitted = 2;
constexpr std::size_t candidates_shown = 6;

// A grid is drawn at 12 pixels a cell, smaller where it would not fit.
constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ARC report</title>
<style>
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --faint: #777; --line: #ddd; --right: #1a8f3c; --wrong: #b3362b }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ddd; --paper: #191919; --faint: #999; --line: #3a3a3a; --right: #4cc26c; --wrong: #e0796f }
}
body { margin: 0 auto; max-width: 72rem; padding: 1rem; font: 15px/1.4 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 0 } h3 { font-size: .85rem; color: var(--faint); margin: .8rem 0 .3rem; font-weight: 600 }
table { border-collapse: collapse } td { padding: .1rem 1rem .1rem 0; vertical-align: top; overflow-wrap: anywhere } td:first-child { color: var(--faint); white-space: nowrap }
nav { display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: 1rem 0; font: .85rem ui-monospace, monospace } a { color: inherit }
section { border-top: 1px solid var(--line); padding: 1rem .4rem; margin: 0 -.4rem; content-visibility: auto; contain-intrinsic-size: auto 40rem }
.row { display: flex; flex-wrap: wrap; gap: .8rem 1.2rem; align-items: flex-start }
.pair { display: flex; gap: .3rem; align-items: center; max-width: 100% }
figure { margin: 0; max-width: 100%; min-width: 0 } figcaption { font-size: .75rem; color: var(--faint) }
svg { display: block; width: calc(var(--w) * 12px); max-width: min(100%, 88vw); height: auto }
.pair svg { max-width: min(100%, 40vw) }
.right { outline: 3px solid var(--right); outline-offset: 2px } .right figcaption, .yes { color: var(--right) } .no { color: var(--wrong) }
details { margin-top: .6rem; font-size: .8rem; color: var(--faint) } ol { columns: 11rem; margin: .4rem 0 }
.none { display: block; padding: .6rem; border: 1px dashed var(--line); color: var(--faint); font-size: .8rem }
path { fill: none; stroke-width: 1 } .l { stroke: #555; stroke-width: .06 }
.c0 { stroke: #000 } .c1 { stroke: #0074d9 } .c2 { stroke: #ff4136 } .c3 { stroke: #2ecc40 } .c4 { stroke: #ffdc00 }
.c5 { stroke: #aaa } .c6 { stroke: #f012be } .c7 { stroke: #ff851b } .c8 { stroke: #7fdbff } .c9 { stroke: #870c25 }
</style>
</head>
<body>
<h1>ARC report</h1>
)";

// Text from files as HTML shows it, printable() before that.
std::string escaped(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string figure(const Grid& grid, const std::string& caption, bool right = false) {
  return std::string(right ? "<figure class=right>" : "<figure>") + to_svg(grid) + "<figcaption>" + caption +
         "</figcaption></figure>\n";
}

std::string votes_text(std::int64_t votes) {
  return std::to_string(votes) + (votes == 1 ? " vote" : " votes");
}

std::string votes_text(const Candidate& candidate) {
  std::array<char, 64> confidence{};
  std::snprintf(confidence.data(), confidence.size(), ", confidence %.3f", candidate.confidence);
  return votes_text(candidate.votes) + confidence.data();
}

std::string facts_table(const Report& report) {
  std::string html = "<table>\n";
  for (const auto& [name, value] : report.facts) {
    html += "<tr><td>" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  }
  return html + "</table>\n";
}

std::string train_row(const Task& task) {
  if (!task.fault.empty()) return "<p class=no>left out: " + escaped(task.fault) + "</p>\n";
  std::string html = "<h3>Examples</h3>\n<div class=row>\n";
  for (const Example& example : task.train) {
    html += "<div class=pair>" + figure(example.input, "input") + "<span>&rarr;</span>" +
            figure(example.output, "output") + "</div>\n";
  }
  return html + "</div>\n";
}

// Where the true answer is among the candidates, from 0; none: it is not.
std::optional<std::ptrdiff_t> place_of(const Grid& truth, std::span<const Candidate> candidates) {
  const auto found =
      std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& c) { return c.grid == truth; });
  return found == candidates.end() ? std::nullopt : std::optional(found - candidates.begin());
}

std::string verdict(std::span<const Candidate> candidates, const Grid* truth) {
  if (truth == nullptr) return "";
  const auto place = place_of(*truth, candidates);
  if (!place) return " <b class=no>not among the answers</b>";
  if (*place >= submitted) return " <b class=no>right answer in place " + std::to_string(*place + 1) + "</b>";
  return " <b class=yes>attempt " + std::to_string(*place + 1) + " is right</b>";
}

const Grid* truth_of(const Report& report, std::size_t task, std::size_t test) {
  return report.solutions ? &(*report.solutions)[task][test] : nullptr;
}

// Links to the tasks, marked where the answers are known.
std::string contents(const Report& report) {
  std::string html = "<nav>\n";
  for (std::size_t t = 0; t < report.tasks.size(); ++t) {
    bool right = true;
    for (std::size_t test = 0; test < report.tasks[t].test.size() && report.solutions; ++test) {
      const auto place = place_of(*truth_of(report, t, test), report.ranking[t][test]);
      right = right && place && *place < submitted;
    }
    const std::string name = escaped(report.tasks[t].name);
    html.append("<a href=\"#").append(name);
    html += !report.solutions ? "\">" : right ? "\" class=yes>" : "\" class=no>";
    html.append(name).append("</a>\n");
  }
  return html + "</nav>\n";
}

// The candidates after those that are drawn.
std::string others(std::span<const Candidate> candidates) {
  if (candidates.size() <= candidates_shown) return "";
  std::int64_t votes = 0;
  std::string list;
  for (const Candidate& candidate : candidates.subspan(candidates_shown)) {
    votes += candidate.votes;
    list += "<li>" + votes_text(candidate) + "</li>\n";
  }
  return "<details><summary>" + std::to_string(candidates.size() - candidates_shown) + " more with " +
         votes_text(votes) + "</summary>\n<ol start=" + std::to_string(candidates_shown + 1) + ">\n" + list +
         "</ol></details>\n";
}

std::string test_rows(const Grid& input, std::span<const Candidate> candidates, const Grid* truth, std::size_t number) {
  std::string html = "<h3>Test input " + std::to_string(number) + verdict(candidates, truth) +
                     "</h3>\n<div class=row>\n" + figure(input, "input");
  if (truth != nullptr) html += figure(*truth, "true answer");
  html += "</div>\n<h3>Answers</h3>\n<div class=row>\n";
  if (candidates.empty()) html += "<span class=none>no sample</span>\n";
  for (std::size_t i = 0; i < std::min(candidates.size(), candidates_shown); ++i) {
    const Candidate& candidate = candidates[i];
    const std::string name = i < std::size_t{submitted} ? "<b>attempt " + std::to_string(i + 1) + "</b><br>" : "";
    html += figure(candidate.grid, name + votes_text(candidate), truth != nullptr && candidate.grid == *truth);
  }
  return html + "</div>\n" + others(candidates);
}

}  // namespace

void write_report(const std::filesystem::path& file, const Report& report) {
  AtomicFile page(file);
  page.write(head);
  page.write(facts_table(report));
  page.write(contents(report));
  for (std::size_t t = 0; t < report.tasks.size(); ++t) {
    const Task& task = report.tasks[t];
    page.write("<section id=\"" + escaped(task.name) + "\">\n<h2>" + escaped(task.name) + "</h2>\n" + train_row(task));
    for (std::size_t test = 0; test < task.test.size(); ++test) {
      const Grid* truth = truth_of(report, t, test);
      page.write(test_rows(task.test[test], report.ranking[t][test], truth, test + 1));
    }
    page.write("</section>\n");
  }
  page.write("</body>\n</html>\n");
  page.commit();
}

}  // namespace trm::arc
