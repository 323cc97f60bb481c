namespace Aion.Hosting;

/// <summary>The command line is not well formed: unknown flag or command, missing or stray argument. One line, exit 1.</summary>
public sealed class FlagSyntaxException(string message) : Exception(message);

/// <summary>A flag's value is wrong, repeated or missing. Usage and one line, exit 2.</summary>
public sealed class FlagValueException(string message) : Exception(message);
