namespace Aion.PromQL;

/// <summary>What an expression yields. The name in error texts is <see cref="ValueTypes.DocumentedName"/>, in JSON <see cref="ValueTypes.Name"/>.</summary>
public enum ValueType
{
    None,
    Scalar,
    Vector,
    Matrix,
    String,
}

public static class ValueTypes
{
    /// <summary>The short name, as in <c>resultType</c> of answers.</summary>
    public static string Name(this ValueType type) => type switch
    {
        ValueType.Scalar => "scalar",
        ValueType.Vector => "vector",
        ValueType.Matrix => "matrix",
        ValueType.String => "string",
        _ => "none",
    };

    /// <summary>The name users know from the documentation: "instant vector", "range vector".</summary>
    public static string DocumentedName(this ValueType type) => type switch
    {
        ValueType.Vector => "instant vector",
        ValueType.Matrix => "range vector",
        _ => type.Name(),
    };
}
