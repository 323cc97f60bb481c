using Aion.Model;

namespace Aion.Hosting;

/// <summary>One flag of the command line with its value's text.</summary>
internal readonly record struct FlagUse(Flag Flag, string Text);

/// <summary>What the command line says before values are read.</summary>
/// <param name="Command">The last command word, or the application when there is none.</param>
/// <param name="Rest">Words after <c>help</c>.</param>
internal sealed record CommandLine(CommandNode Command, IReadOnlyList<FlagUse> Uses, IReadOnlyList<string> Rest)
{
    /// <summary>What is wrong with the form; null when nothing is.</summary>
    public string? SyntaxError { get; init; }

    public bool Has(Flag flag) => Uses.Any(use => ReferenceEquals(use.Flag, flag));
}

/// <summary>
/// Reads tokens into flags and command words by kingpin's rules: a command's flags are known only after its word, a parent's flags also
/// after its children's words, and a form error wins over any value error.
/// </summary>
/// <remarks>reference/cli-conventions.md §1 and §3.</remarks>
internal sealed class CommandParser
{
    /// <summary>The command that takes further words instead of failing on them.</summary>
    public const string HelpCommand = "help";

    private readonly Dictionary<string, Flag> _long = new(StringComparer.Ordinal);
    private readonly Dictionary<char, Flag> _short = [];
    private readonly ArgumentReader _arguments;
    private readonly List<FlagUse> _uses = [];
    private readonly List<string> _rest = [];
    private CommandNode _command;

    private CommandParser(CommandNode application, IReadOnlyList<string> arguments)
    {
        _command = application;
        _arguments = new ArgumentReader(arguments, letter => _short.GetValueOrDefault(letter));
        Learn(application);
    }

    public static CommandLine Parse(CommandNode application, IReadOnlyList<string> arguments)
    {
        CommandParser parser = new(application, arguments);
        string? error = null;
        try
        {
            parser.ReadAll();
        }
        catch (FlagSyntaxException e)
        {
            error = e.Message;
        }

        return new CommandLine(parser._command, parser._uses, parser._rest) { SyntaxError = error };
    }

    private void ReadAll()
    {
        while (_arguments.Peek() is { Kind: not TokenKind.End } token)
        {
            if (token.Kind is TokenKind.Long or TokenKind.Short) ReadFlag(token);
            else if (_command.HasChildren) ReadCommand(token.Text);
            else if (_command.Name == HelpCommand) _rest.Add(_arguments.Next().Text);
            else throw new FlagSyntaxException($"unexpected {token.Text}");
        }
    }

    private void ReadCommand(string word)
    {
        _command = _command.Child(word) ?? throw new FlagSyntaxException($"expected command but got {GoText.Quote(word)}");
        Learn(_command);
        _arguments.Next();
    }

    private void ReadFlag(Token token)
    {
        Flag flag = Find(token, out bool isNegated);
        if (isNegated && !flag.IsBool) throw Unknown(token);
        _arguments.Next();
        if (flag.IsBool)
        {
            _uses.Add(new FlagUse(flag, isNegated ? "false" : "true"));
            return;
        }

        if (_arguments.Peek().Kind != TokenKind.Argument) throw new FlagSyntaxException($"expected argument for flag '{token}'");
        _uses.Add(new FlagUse(flag, _arguments.Next().Text));
    }

    private Flag Find(Token token, out bool isNegated)
    {
        isNegated = false;
        if (token.Kind == TokenKind.Short)
            return _short.GetValueOrDefault(token.Text[0]) ?? throw new FlagSyntaxException($"unknown short flag '{token}'");
        if (_long.TryGetValue(token.Text, out Flag? flag)) return flag;
        const string Negation = "no-";
        isNegated = token.Text.StartsWith(Negation, StringComparison.Ordinal);
        return isNegated && _long.TryGetValue(token.Text[Negation.Length..], out flag) ? flag : throw Unknown(token);
    }

    private static FlagSyntaxException Unknown(Token token) => new($"unknown long flag '{token}'");

    private void Learn(CommandNode command)
    {
        foreach (Flag flag in command.Flags.Flags)
        {
            _long[flag.Name] = flag;
            if (flag.Short != '\0') _short[flag.Short] = flag;
        }
    }
}
