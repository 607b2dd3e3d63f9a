#include "arc/report/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include "arc/report/picture.hpp"
#include "arc/report/standing.hpp"
#include "arc/report/style.hpp"
#include "io/atomic_file.hpp"
#include "io/text.hpp"

namespace trm::arc {
namespace {

constexpr std::size_t candidates_shown = 5;

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

std::string number(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string percent(double share) {
  return number(100 * share, 1) + " %";
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::span<const Grid> truths_of(const Report& report, std::size_t task) {
  if (!report.solutions || !report.tasks[task].fault.empty()) return {};
  return (*report.solutions)[task];
}

std::string head(const Report& report) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:\">\n"
      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<title>";
  page += escaped(report.title) + "</title>\n<style>";
  page += report_style;
  // Each filter hides all other outcomes; each order is a number that every task has.
  for (const Outcome outcome : outcomes) {
    const std::string name(name_of(outcome));
    page.append("#f-")
        .append(name)
        .append(":checked ~ main section:not(.")
        .append(name)
        .append(") { display: none }\n");
  }
  page +=
      "#s-state:checked ~ main section { order: var(--s) }\n#s-agreement:checked ~ main section { order: var(--a) }\n"
      "#s-samples:checked ~ main section { order: var(--n) }\n";
  for (const char* id : {"f-all", "f-solved", "f-answered", "f-undecided", "f-wrong", "f-missing", "s-file", "s-state",
                         "s-agreement", "s-samples"}) {
    const std::string name = id;
    page.append("#").append(name).append(":checked ~ p label[for=").append(name);
    page.append("] { background: var(--ink); color: var(--paper) }\n#").append(name);
    page.append(":focus-visible ~ p label[for=").append(name).append("] { outline: 3px solid var(--bar) }\n");
  }
  return page +
         "</style>\n</head>\n<body>\n<svg width=0 height=0 style=position:absolute aria-hidden=true><pattern id=g "
         "width=1 height=1 patternUnits=userSpaceOnUse><path "
         "style=\"stroke:#555;stroke-width:.08;stroke-dasharray:none;"
         "mix-blend-mode:normal\" d='M1 0H0V1'/></pattern></svg>\n<h1>" +
         escaped(report.title) + "</h1>\n";
}

// What can be said of pass@K: for K up to the most candidates that a test input has.
std::vector<PassAt> passes(const Report& report) {
  if (!report.solutions) return {};
  std::size_t most = attempts_submitted;
  for (const auto& task : report.ranking) {
    for (const auto& candidates : task) most = std::max(most, candidates.size());
  }
  auto all = pass_at_each_k(report.ranking, *report.solutions);
  std::erase_if(all, [&](const PassAt& at) { return at.k > static_cast<std::int64_t>(most); });
  return all;
}

std::string interval_text(const PassAt& at) {
  return "95 % interval " + number(100 * at.interval.low, 1) + " to " + number(100 * at.interval.high, 1);
}

std::string summary(const Report& report, const std::vector<TaskStanding>& standings) {
  std::string html = "<ul class=counts>\n";
  for (const Outcome outcome : outcomes) {
    const auto count = std::ranges::count(standings, outcome, &TaskStanding::outcome);
    if (count == 0 && (outcome == Outcome::answered || (outcome == Outcome::solved && !report.solutions))) continue;
    const std::string name(name_of(outcome));
    html.append("<li class=").append(name).append("><b>").append(sign_of(outcome)).append(" ");
    html.append(std::to_string(count)).append("</b><small>").append(name).append(" of ");
    html.append(std::to_string(standings.size())).append("</small></li>\n");
  }
  const auto pass = passes(report);
  for (const PassAt& at : pass) {
    if (at.k > static_cast<std::int64_t>(attempts_submitted)) break;
    html += "<li><b>" + percent(at.share) + "</b><small>pass@" + std::to_string(at.k) + ", " + interval_text(at) +
            "</small></li>\n";
  }
  html +=
      "</ul>\n<p class=more>A task is solved if an attempt is right for each of its test inputs, wrong if for one of "
      "them none is, missing if one of them has no prediction. Undecided: the second attempt has no more votes than "
      "a candidate that was not submitted.</p>\n<table>\n";
  const auto row = [&](const std::string& name, const std::string& value) {
    html += "<tr><td>" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  };
  for (const auto& [name, value] : report.facts) row(name, value);
  for (const PassAt& at : pass) {
    if (at.k > static_cast<std::int64_t>(attempts_submitted)) {
      row("pass@" + std::to_string(at.k), percent(at.share) + ", " + interval_text(at));
    }
  }
  return html + "</table>\n";
}

std::string radio(const std::string& group, const std::string& name, bool checked) {
  return "<input type=radio name=" + group + " id=" + group + '-' + name + (checked ? " checked" : "") + ">\n";
}

std::string label(const std::string& group, const std::string& name, const std::string& text) {
  return "<label for=" + group + '-' + name + '>' + text + "</label>\n";
}

// Radio buttons, hidden but for their labels; sibling selectors in head() do the work.
std::string controls(const std::vector<TaskStanding>& standings) {
  std::string inputs = radio("f", "all", true),
              labels = "<p><span class=choose>Show</span>" + label("f", "all", "all tasks");
  for (const Outcome outcome : outcomes) {
    const auto count = std::ranges::count(standings, outcome, &TaskStanding::outcome);
    if (count == 0) continue;
    const std::string name(name_of(outcome));
    inputs += radio("f", name, false);
    labels += label("f", name, std::string(sign_of(outcome)) + ' ' + name + " (" + std::to_string(count) + ')');
  }
  inputs += radio("s", "file", true) + radio("s", "state", false) + radio("s", "agreement", false) +
            radio("s", "samples", false);
  return inputs + labels + "</p>\n<p><span class=choose>Order</span>" + label("s", "file", "as in the file") +
         label("s", "state", "worst first") + label("s", "agreement", "least agreement first") +
         label("s", "samples", "fewest samples first") + "</p>\n";
}

std::string figure(const Grid& grid, const std::string& caption, const char* kind = nullptr,
                   const Grid* truth = nullptr) {
  return (kind == nullptr ? "<figure>" : "<figure class=" + std::string(kind) + '>') + picture(grid, truth) +
         "<figcaption>" + caption + "</figcaption></figure>\n";
}

std::string examples(const Task& task) {
  if (!task.fault.empty()) return "<p class=state>left out: " + escaped(task.fault) + "</p>\n";
  if (task.train.empty()) return "";
  std::string html = "<details><summary>" + counted(static_cast<std::int64_t>(task.train.size()), "example") +
                     "</summary>\n<div class=row>\n";
  for (const Example& example : task.train) {
    html += "<div class=pair>" + figure(example.input, "input") + "<span>&rarr;</span>" +
            figure(example.output, "output") + "</div>\n";
  }
  return html + "</div></details>\n";
}

// "attempt 1 is right", "right in place 7 of 31"...
std::string verdict(std::span<const Candidate> candidates, const Grid* truth) {
  const Outcome outcome = outcome_of(candidates, truth);
  std::string text = std::string(sign_of(outcome)) + ' ' + std::string(name_of(outcome));
  if (truth != nullptr && !candidates.empty()) {
    const auto place = place_of(*truth, candidates);
    if (!place)
      text += ": the right answer is not among the candidates";
    else if (*place < attempts_submitted)
      text += ": attempt " + std::to_string(*place + 1) + " is right";
    else
      text += ": the right answer is in place " + std::to_string(*place + 1);
  }
  return " <span class=\"state " + std::string(name_of(outcome)) + "\">" + text + "</span>";
}

// Votes with their share as a bar, the lead over the next candidate, and the means over the candidate's samples.
std::string votes(std::span<const Candidate> candidates, std::size_t place, std::int64_t total) {
  const Candidate& candidate = candidates[place];
  const double share = static_cast<double>(candidate.votes) / static_cast<double>(std::max<std::int64_t>(1, total));
  std::string html = counted(candidate.votes, "vote") + ", " + percent(share) +
                     "<span class=bar><i style=width:" + number(100 * share, 1) + "%></i></span>";
  if (place + 1 < candidates.size()) {
    html += "leads the next by " + std::to_string(candidate.votes - candidates[place + 1].votes) + "<br>";
  }
  html += "confidence " + number(candidate.confidence, 3) + ", q " + number(candidate.q_halt, 2);
  if (candidate.steps > 0) html += ", " + number(candidate.steps, 1) + " steps";
  return html;
}

std::string candidate_figure(std::span<const Candidate> candidates, std::size_t place, std::int64_t total,
                             const Grid* truth) {
  const Grid& grid = candidates[place].grid;
  const bool right = truth != nullptr && grid == *truth;
  std::string caption = "<b>" + (place < attempts_submitted ? "attempt " + std::to_string(place + 1)
                                                            : "place " + std::to_string(place + 1));
  if (truth != nullptr) {
    const std::int64_t wrong = differences(grid, *truth);
    caption += right       ? ", right \u2713"
               : wrong < 0 ? ", another size \u2717"
                           : ", " + counted(wrong, "cell") + " wrong \u2717";
  }
  return figure(grid, caption + "</b><br>" + votes(candidates, place, total), right ? "right" : nullptr, truth);
}

// The candidates that are not drawn.
std::string others(std::span<const Candidate> candidates, std::int64_t total, std::size_t drawn,
                   std::int64_t drawn_votes) {
  if (candidates.size() <= drawn) return "";
  return "<p class=more>" + counted(static_cast<std::int64_t>(candidates.size() - drawn), "more candidate") + " with " +
         counted(total - drawn_votes, "vote") + " together are not shown.</p>\n";
}

std::string test_rows(const Grid& input, std::span<const Candidate> candidates, const Grid* truth, std::size_t test,
                      std::size_t tests) {
  const std::int64_t total = total_votes(candidates);
  std::string html = "<h3>" +
                     (tests > 1 ? "Test input " + std::to_string(test + 1) + " of " + std::to_string(tests)
                                : std::string("Test input")) +
                     verdict(candidates, truth) + "</h3>\n<div class=row>\n";
  if (truth != nullptr) html += figure(*truth, "<b>true answer</b>", "truth");
  std::size_t drawn = 0;
  std::int64_t drawn_votes = 0;
  for (std::size_t place = 0; place < candidates.size(); ++place) {
    const bool right = truth != nullptr && candidates[place].grid == *truth;
    if (place >= candidates_shown && !right) continue;
    html += candidate_figure(candidates, place, total, truth);
    drawn += 1;
    drawn_votes += candidates[place].votes;
  }
  if (candidates.empty()) html += "<span class=none>no prediction</span>\n";
  if (!input.cells.empty()) html += figure(input, "input");
  return html + "</div>\n" + others(candidates, total, drawn, drawn_votes);
}

std::string section(const Report& report, std::size_t t, const TaskStanding& standing) {
  const Task& task = report.tasks[t];
  const std::string name = escaped(task.name);
  const int worst_first = static_cast<int>(outcomes.size()) - static_cast<int>(standing.outcome);
  std::string html = "<section class=" + std::string(name_of(standing.outcome)) + " id=\"" + name +
                     "\" style=--s:" + std::to_string(worst_first) + ";--a:" + number(1000 * standing.agreement, 0) +
                     ";--n:" + std::to_string(standing.samples) + ">\n<h2>" + name + " <span class=state>" +
                     std::string(sign_of(standing.outcome)) + ' ' + std::string(name_of(standing.outcome)) +
                     "</span></h2>\n";
  const auto truths = truths_of(report, t);
  for (std::size_t test = 0; test < task.test.size(); ++test) {
    html += test_rows(task.test[test], report.ranking[t][test], truths.empty() ? nullptr : &truths[test], test,
                      task.test.size());
  }
  return html + examples(task) + "</section>\n";
}

}  // namespace

void write_report(const std::filesystem::path& file, const Report& report) {
  std::vector<TaskStanding> standings;
  for (std::size_t t = 0; t < report.tasks.size(); ++t) {
    standings.push_back(standing_of(report.ranking[t], truths_of(report, t)));
  }
  AtomicFile page(file);
  page.write(head(report) + summary(report, standings) + controls(standings) + "<main>\n");
  for (std::size_t t = 0; t < report.tasks.size(); ++t) page.write(section(report, t, standings[t]));
  page.write("</main>\n</body>\n</html>\n");
  page.commit();
}

}  // namespace trm::arc
