using Aion.Model;

namespace Aion.Hosting;

internal enum TokenKind : byte
{
    /// <summary>A word or a flag's value.</summary>
    Argument,

    /// <summary><c>--name</c>; the text is the name.</summary>
    Long,

    /// <summary><c>-x</c>; the text is the letter.</summary>
    Short,
    End,
}

internal readonly record struct Token(TokenKind Kind, string Text)
{
    public override string ToString() => Kind switch
    {
        TokenKind.Long => "--" + Text,
        TokenKind.Short => "-" + Text,
        _ => Text,
    };
}

/// <summary>
/// Splits arguments into tokens: <c>--name=value</c> at the first <c>=</c>, grouped short flags, <c>@file</c> replaced by the file's
/// lines, and everything after <c>--</c> as words.
/// </summary>
/// <param name="arguments">As the process got them, without the program's name.</param>
/// <param name="shortFlag">The short flag known by that letter at this point of the line, or null.</param>
internal sealed class ArgumentReader(IReadOnlyList<string> arguments, Func<char, Flag?> shortFlag)
{
    /// <summary>Files may name files; more than this many of them is taken for a circle.</summary>
    private const int MaxFiles = 100;

    private readonly Stack<string> _pending = new(arguments.Reverse());
    private readonly Queue<Token> _ready = new();
    private bool _onlyArguments;
    private int _files;

    public Token Peek()
    {
        if (_ready.Count == 0) Read();
        return _ready.Peek();
    }

    public Token Next()
    {
        Token token = Peek();
        if (token.Kind != TokenKind.End) _ready.Dequeue();
        return token;
    }

    private void Read()
    {
        while (_pending.TryPop(out string? argument))
        {
            if (_onlyArguments)
            {
                _ready.Enqueue(new Token(TokenKind.Argument, argument));
                return;
            }

            if (argument == "--") _onlyArguments = true;
            else if (argument.StartsWith('@')) Expand(argument[1..]);
            else
            {
                Split(argument);
                return;
            }
        }

        _ready.Enqueue(new Token(TokenKind.End, ""));
    }

    private void Split(string argument)
    {
        if (argument.StartsWith("--", StringComparison.Ordinal))
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            _ready.Enqueue(new Token(TokenKind.Long, equals < 0 ? argument[2..] : argument[2..equals]));
            if (equals >= 0) _ready.Enqueue(new Token(TokenKind.Argument, argument[(equals + 1)..]));
        }
        else if (argument.StartsWith('-') && argument.Length > 1)
        {
            SplitShort(argument);
        }
        else
        {
            _ready.Enqueue(new Token(TokenKind.Argument, argument == "-" ? "" : argument));
        }
    }

    private void SplitShort(string argument)
    {
        _ready.Enqueue(new Token(TokenKind.Short, argument[1].ToString()));
        if (argument.Length == 2) return;
        string rest = argument[2..];
        if (shortFlag(argument[1]) is { IsBool: false }) _ready.Enqueue(new Token(TokenKind.Argument, rest));
        else _pending.Push("-" + rest);
    }

    private void Expand(string path)
    {
        if (path.Length == 0) throw new FlagSyntaxException("expected @ file to expand arguments from");
        if (++_files > MaxFiles) throw new FlagSyntaxException($"more than {MaxFiles} argument files; does one name itself? last: {GoText.Quote(path)}");
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FlagSyntaxException($"failed to open arguments file {GoText.Quote(path)}: {e.Message}");
        }

        foreach (string line in lines.Reverse())
            if (!line.StartsWith('#') && !string.IsNullOrWhiteSpace(line)) _pending.Push(line);
    }
}
