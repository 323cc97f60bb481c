using Aion.Model;

namespace Aion.Rules;

internal enum TokenKind
{
    Error,
    End,
    Text,
    Comment,
    LeftDelimiter,
    RightDelimiter,
    LeftParenthesis,
    RightParenthesis,
    Space,
    Pipe,
    Assign,
    Declare,
    Character,
    Bool,
    Number,
    CharacterConstant,
    String,
    RawString,
    Field,
    Variable,
    Identifier,

    // The keywords come last; IsKeyword asks for that.
    Dot,
    Nil,
    If,
    Else,
    EndBlock,
    Range,
    With,
    Define,
    Block,
    Template,
    Break,
    Continue,
}

/// <param name="Position">Of its first character in the template's text.</param>
/// <param name="Line">From 1; of an error, where the token began that it is about.</param>
internal readonly record struct TemplateToken(TokenKind Kind, string Text, int Position, int Line)
{
    private const int ShownLength = 10;

    public bool IsKeyword => Kind >= TokenKind.Dot;

    /// <summary>As messages name it.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.End => "EOF",
        TokenKind.Error => Text,
        _ when IsKeyword => $"<{Text}>",
        _ when Text.Length > ShownLength => GoText.Quote(Text[..ShownLength]) + "...",
        _ => GoText.Quote(Text),
    };
}
