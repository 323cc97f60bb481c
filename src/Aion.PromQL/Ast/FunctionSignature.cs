namespace Aion.PromQL;

/// <summary>Name and types of one function.</summary>
/// <param name="Name">Case-sensitive.</param>
/// <param name="ArgumentTypes">Types in order; the last one also stands for all further arguments of a variadic function.</param>
/// <param name="ReturnType">What a call yields.</param>
/// <param name="Variadic">0: exactly the listed arguments. n &gt; 0: the last is optional and n of its kind are allowed. -1: any number of the last, also none.</param>
/// <param name="Experimental">Needs <see cref="ParserOptions.ExperimentalFunctions"/>.</param>
/// <param name="Extended">One of Thanos's own functions; needs <see cref="ParserOptions.ExtendedFunctions"/>.</param>
public sealed record FunctionSignature(
    string Name, IReadOnlyList<ValueType> ArgumentTypes, ValueType ReturnType, int Variadic = 0, bool Experimental = false, bool Extended = false)
{
    /// <summary>Fewest arguments a call may have.</summary>
    public int MinArguments => Variadic == 0 ? ArgumentTypes.Count : ArgumentTypes.Count - 1;

    /// <summary>Most arguments a call may have; <see cref="int.MaxValue"/> for any number.</summary>
    public int MaxArguments => Variadic switch
    {
        0 => ArgumentTypes.Count,
        < 0 => int.MaxValue,
        _ => ArgumentTypes.Count - 1 + Variadic,
    };

    public ValueType TypeOfArgument(int index) => ArgumentTypes[Math.Min(index, ArgumentTypes.Count - 1)];
}
