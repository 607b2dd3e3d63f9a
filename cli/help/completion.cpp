#include "cli/help/completion.hpp"

#include <algorithm>
#include <functional>
#include <span>

namespace trm {
namespace {

std::string last_word(const CommandDefinition& command) {
  return command.name.substr(command.name.rfind(' ') + 1);
}

std::string joined(std::span<const std::string> words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Inside single quotes of a POSIX shell; fish reads that, too.
std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

// Every option of a command, those that all commands have at the end.
void for_options(const CommandDefinition& command, const std::function<void(const OptionDefinition&)>& visit) {
  for (const OptionDefinition& option : command.options) visit(option);
  for (const OptionDefinition& option : command.common) visit(option);
}

void for_commands(const CommandDefinition& command, const std::function<void(const CommandDefinition&)>& visit) {
  visit(command);
  for (const CommandDefinition& sub : command.commands) for_commands(sub, visit);
}

std::vector<std::string> words_after(const CommandDefinition& command) {
  std::vector<std::string> words;
  for (const CommandDefinition& sub : command.commands) words.push_back(last_word(sub));
  return words;
}

// A line for each word that leads from a command to another: "'trm study'".
std::string bash_names(const CommandDefinition& program) {
  std::vector<std::string> names;
  for_commands(program, [&](const CommandDefinition& command) {
    if (&command != &program) names.push_back(in_quotes(command.name));
  });
  return joined(names, "|");
}

std::string bash_cases(const CommandDefinition& command) {
  std::vector<std::string> options, values;
  std::string cases;
  for_options(command, [&](const OptionDefinition& option) {
    options.insert(options.end(), option.names.begin(), option.names.end());
    if (option.value.empty() || option.value_optional) return;
    const auto names = alternatives(option);
    for (const std::string& name : option.names) {
      if (names.empty()) {
        values.push_back(in_quotes(command.name + ' ' + name));
      } else {
        cases += "    " + in_quotes(command.name + ' ' + name) + ") COMPREPLY=($(compgen -W " +
                 in_quotes(joined(names, " ")) + " -- \"$current\")); return ;;\n";
      }
    }
  });
  if (!values.empty()) cases += "    " + joined(values, "|") + ") return ;;\n";  // the shell completes files
  return cases;
}

}  // namespace

std::string bash_completion(const CommandDefinition& program) {
  std::string cases, words;
  for_commands(program, [&](const CommandDefinition& command) {
    std::vector<std::string> options;
    for_options(command, [&](const OptionDefinition& option) {
      options.insert(options.end(), option.names.begin(), option.names.end());
    });
    std::vector<std::string> names = words_after(command);
    for (const OptionDefinition& argument : command.arguments) {
      const auto some = alternatives(argument);
      names.insert(names.end(), some.begin(), some.end());
    }
    cases += bash_cases(command);
    words += "    " + in_quotes(command.name) + ") options=" + in_quotes(joined(options, " ")) +
             " words=" + in_quotes(joined(names, " ")) + " ;;\n";
  });
  return "# bash completion of trm, made by 'trm completion bash'.\n"
         "_trm() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=trm options words word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$command $word\" in " +
         bash_names(program) +
         ") command=\"$command $word\" ;; esac\n"
         "  done\n"
         "  COMPREPLY=()\n"
         "  case \"$command $before\" in\n" +
         cases +
         "  esac\n"
         "  case \"$command\" in\n" +
         words +
         "  esac\n"
         "  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
         "  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\")); fi\n"
         "}\n"
         "complete -o default -F _trm trm\n";
}

std::string fish_completion(const CommandDefinition& program) {
  std::string script = "# fish completion of trm, made by 'trm completion fish'.\ncomplete -c trm -f\n";
  for_commands(program, [&](const CommandDefinition& command) {
    // All words of the command are there, and none of those that may follow.
    std::string condition;
    for (std::size_t at = command.name.find(' '); at < command.name.size();) {
      const std::size_t end = std::min(command.name.find(' ', at + 1), command.name.size());
      condition += "__fish_seen_subcommand_from " + command.name.substr(at + 1, end - at - 1) + "; and ";
      at = end;
    }
    const auto words = words_after(command);
    condition += words.empty() ? "true" : "not __fish_seen_subcommand_from " + joined(words, " ");
    const std::string start = "complete -c trm -n " + in_quotes(condition);
    for (const CommandDefinition& sub : command.commands) {
      script += start + " -a " + last_word(sub) + " -d " + in_quotes(sub.summary) + '\n';
    }
    for (const OptionDefinition& argument : command.arguments) {
      const auto names = alternatives(argument);
      script += start + (names.empty() ? " -F" : " -a " + in_quotes(joined(names, " "))) + '\n';
    }
    for_options(command, [&](const OptionDefinition& option) {
      script += start;
      for (const std::string& name : option.names) {
        script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      const auto names = alternatives(option);
      const bool needs_value = !option.value.empty() && !option.value_optional;
      if (takes_path(option)) {
        script += needs_value ? " -r -F" : " -F";
      } else if (needs_value) {
        script += " -x";  // no file is offered as its value
      }
      if (!names.empty()) script += " -a " + in_quotes(joined(names, " "));
      script += " -d " + in_quotes(option.help) + '\n';
    });
  });
  return script;
}

namespace {

// Of an explanation in _arguments' own brackets.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_value(const OptionDefinition& option, const std::string& name) {
  const auto names = alternatives(option);
  return ':' + zsh_text(name) + ':' +
         (!names.empty()       ? '(' + joined(names, " ") + ')'
          : takes_path(option) ? "_files"
                               : " ");
}

std::string zsh_option(const OptionDefinition& option) {
  std::string text;
  for (const std::string& name : option.names) {
    std::string spec = name + (option.value_optional ? "=-" : "") + '[' + zsh_text(option.help) + ']';
    if (!option.value.empty()) spec.append(option.value_optional ? ":" : "").append(zsh_value(option, option.value));
    text.append(" \\\n    ").append(in_quotes(spec));
  }
  return text;
}

std::string zsh_function(const CommandDefinition& command) {
  std::string function = command.name;
  std::ranges::replace(function, ' ', '_');
  std::string text = '_' + function + "() {\n";
  std::string options;
  for_options(command, [&](const OptionDefinition& option) { options += zsh_option(option); });
  if (command.commands.empty()) {
    for (const OptionDefinition& argument : command.arguments) {
      const std::string number = argument.repeated ? "*" : argument.required ? "" : ":";
      options += " \\\n    " + in_quotes(number + zsh_value(argument, argument.names.front()));
    }
    return text + "  _arguments" + options + "\n}\n";
  }
  std::string names, cases;
  for (const CommandDefinition& sub : command.commands) {
    names += " \\\n      " + in_quotes(last_word(sub) + ':' + zsh_text(sub.summary));
    cases += "    " + last_word(sub) + ") _" + function + '_' + last_word(sub) + " ;;\n";
  }
  return text + "  local line state\n  _arguments -C" + options +
         " \\\n    '1: :->command' '*::argument:->rest'\n"
         "  case $state in\n"
         "  command) local -a commands=(" +
         names + ")\n    _describe command commands ;;\n  rest) case $line[1] in\n" + cases +
         "    esac ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandDefinition& program) {
  std::string script = "#compdef trm\n# zsh completion of trm, made by 'trm completion zsh'.\n";
  for_commands(program, [&](const CommandDefinition& command) { script += zsh_function(command); });
  return script + "if [ \"$funcstack[1]\" = _trm ]; then _trm \"$@\"; else compdef _trm trm; fi\n";
}

}  // namespace trm
