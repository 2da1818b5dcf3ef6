import type { Command } from 'commander';
import { AshlarError } from '../../constructs/model/error';
import { say } from '../terminal';

/** Shells that a completion script can be printed for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * Prints a script that completes commands, options, programs and environments. Names of environments are read from the
 * `environments` folder by the shell itself, so that a key press starts no process.
 */
export function completion(root: Command, shell: string): number {
  switch (shell) {
    case 'bash':
      say(bash(root));
      return 0;
    case 'zsh':
      say(`autoload -U +X bashcompinit && bashcompinit\n${bash(root)}`);
      return 0;
    case 'fish':
      say(fish(root));
      return 0;
    default:
      throw new AshlarError({
        code: 'unknown-shell',
        path: 'ashlar completion',
        message: 'There is no completion for this shell.',
        got: shell,
        allowed: SHELLS.join(', '),
        fix: 'Add to your shell’s start file: source <(ashlar completion bash)',
      });
  }
}

function optionsOf(command: Command): readonly string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), '--help'];
}

/** Options that take one of a few words. */
function optionsWithChoices(root: Command): readonly { readonly flags: readonly string[]; readonly words: string }[] {
  return root.commands.flatMap((command) =>
    command.options.flatMap(({ short, long, argChoices }) =>
      argChoices === undefined
        ? []
        : [{ flags: [short, long].filter((flag) => flag !== undefined), words: argChoices.join(' ') }],
    ),
  );
}

const ENVIRONMENTS = `ls environments 2>/dev/null | sed -n 's/\\.ya\\{0,1\\}ml$//p'`;

function bash(root: Command): string {
  const cases = root.commands.map((command) => `      ${command.name()}) words='${optionsOf(command).join(' ')}' ;;`);
  const choices = optionsWithChoices(root).map(
    ({ flags, words }) => `    ${flags.join('|')}) COMPREPLY=($(compgen -W '${words}' -- "$word")); return ;;`,
  );
  return `_ashlar() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words
  case $before in
    -e|--env) COMPREPLY=($(compgen -W "$(${ENVIRONMENTS})" -- "$word")); return ;;
${choices.join('\n')}
    completion) COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$word")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${root.commands.map((command) => command.name()).join(' ')} --help --version'
  else
    case \${COMP_WORDS[1]} in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}
complete -o filenames -F _ashlar ashlar`;
}

function fish(root: Command): string {
  const commands = root.commands.map(
    (command) => `complete -c ashlar -n __fish_use_subcommand -f -a ${command.name()} -d '${command.description()}'`,
  );
  const options = root.commands.flatMap((command) =>
    command.options.map(({ long, description, argChoices }) => {
      const name = long?.slice(2) ?? '';
      const words = name === 'env' ? `(${ENVIRONMENTS})` : argChoices?.join(' ');
      const values = words === undefined ? '' : ` -x -a "${words}"`;
      return `complete -c ashlar -n '__fish_seen_subcommand_from ${command.name()}' -l ${name}${values} -d '${description}'`;
    }),
  );
  const shells = `complete -c ashlar -n '__fish_seen_subcommand_from completion' -f -a '${SHELLS.join(' ')}'`;
  return [...commands, ...options, shells].join('\n');
}
