using System.Text.RegularExpressions;

namespace Aion.Hosting;

/// <summary>A configuration given as a file's path or inline. The file is read anew at each call, so a reload sees its changes.</summary>
/// <remarks>Rules: reference/cli-conventions.md §2.8.</remarks>
public sealed partial class PathOrContent
{
    private readonly bool _isRequired;
    private readonly bool _substitutesEnvironment;

    internal PathOrContent(string name, Flag<string> file, Flag<string> content, bool isRequired, bool substitutesEnvironment)
    {
        Name = name;
        File = file;
        Content = content;
        _isRequired = isRequired;
        _substitutesEnvironment = substitutesEnvironment;
    }

    public string Name { get; }

    /// <summary>The flag that names the file; its value is empty when the content came inline or not at all.</summary>
    public Flag<string> File { get; }

    public Flag<string> Content { get; }

    /// <summary>The content as text, environment references replaced; empty when it is not configured.</summary>
    /// <exception cref="ComponentException">Both flags given, file unreadable, required and empty, or an unset variable.</exception>
    public async Task<string> ReadAsync(ParsedFlags flags, ComponentEnvironment environment, CancellationToken cancellationToken)
    {
        string path = flags.Get(File);
        string text = flags.Get(Content);
        if (path.Length > 0 && text.Length > 0) throw new ComponentException($"both {File.Name} and {Content.Name} flags set.");
        if (path.Length > 0) text = await ReadFileAsync(path, cancellationToken);
        if (_isRequired && text.Length == 0)
        {
            throw new ComponentException(
                $"flag {File.Name} or {Content.Name} is required for running this command and content cannot be empty.");
        }

        return _substitutesEnvironment ? Substitute(text, environment) : text;
    }

    /// <summary>Replaces each <c>$(NAME)</c> once; other dollar forms stay as they are.</summary>
    /// <exception cref="ComponentException">A variable is not set.</exception>
    public static string Substitute(string text, ComponentEnvironment environment) =>
        Reference().Replace(text, match =>
        {
            string variable = match.Groups[1].Value;
            return environment.Variable(variable)
                ?? throw new ComponentException($"found reference to unset environment variable \"{variable}\"");
        });

    private async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await System.IO.File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"loading file {path} for {File.Name}: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"\$\(([a-zA-Z_0-9]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
