namespace Aion.PromQL;

/// <summary>What stands between a binary operator and its right side.</summary>
internal readonly record struct BinaryModifiers(VectorMatching Matching, bool ReturnBool);

/// <summary><c>bool</c>, <c>on</c>/<c>ignoring</c>, <c>group_left</c>/<c>group_right</c> and the fills, each optional, in this order.</summary>
internal sealed class BinaryModifierParser(TokenStream tokens, LabelListParser labels, DurationParser durations)
{
    private static readonly VectorMatching None = new();

    public BinaryModifiers Read()
    {
        bool returnBool = tokens.Next == TokenKind.Bool;
        if (returnBool) tokens.Take();
        VectorMatching matching = None;
        if (tokens.Next is TokenKind.On or TokenKind.Ignoring)
        {
            bool on = tokens.Take().Kind == TokenKind.On;
            matching = ReadGrouping(matching with { On = on, Labels = labels.ReadLabels() });
        }

        return new BinaryModifiers(ReadFills(matching), returnBool);
    }

    private VectorMatching ReadGrouping(VectorMatching matching)
    {
        if (tokens.Next is not (TokenKind.GroupLeft or TokenKind.GroupRight)) return matching;
        bool left = tokens.Take().Kind == TokenKind.GroupLeft;
        matching = matching with { Cardinality = left ? VectorMatchCardinality.ManyToOne : VectorMatchCardinality.OneToMany };

        // What cannot go on as an expression is taken for a label list that lacks its parenthesis.
        bool hasLabels = tokens.Next == TokenKind.LeftParen || !tokens.Next.StartsExpression();
        return hasLabels ? matching with { Include = labels.ReadLabels() } : matching;
    }

    private VectorMatching ReadFills(VectorMatching matching)
    {
        switch (tokens.Next)
        {
            case TokenKind.Fill:
                double both = ReadFill();
                return matching with { FillLeft = both, FillRight = both };
            case TokenKind.FillLeft:
                matching = matching with { FillLeft = ReadFill() };
                return tokens.Next == TokenKind.FillRight ? matching with { FillRight = ReadFill() } : matching;
            case TokenKind.FillRight:
                matching = matching with { FillRight = ReadFill() };
                return tokens.Next == TokenKind.FillLeft ? matching with { FillLeft = ReadFill() } : matching;
            default: return matching;
        }
    }

    private double ReadFill()
    {
        tokens.Take();
        tokens.Take(TokenKind.LeftParen);
        while (!tokens.Next.IsSign() && !tokens.Next.IsNumber()) tokens.Reject();
        var negative = false;
        if (tokens.Next.IsSign())
        {
            negative = tokens.Take().Kind == TokenKind.Subtract;
            while (!tokens.Next.IsNumber()) tokens.Reject();
        }

        double value = durations.ReadLiteral().Value;
        tokens.Take(TokenKind.RightParen);
        return negative ? -value : value;
    }
}
