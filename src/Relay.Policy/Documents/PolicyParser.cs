namespace Relay.Policy.Documents;

/// <summary>Parses policy documents strictly: JSON (RFC 8259) with comments and trailing commas, every key known and of its type.</summary>
public static class PolicyParser
{
    /// <summary>Largest document, in octets: 4 MiB.</summary>
    public const int SizeMax = 4 << 20;

    /// <summary>Deepest nesting of objects and lists.</summary>
    public const int DepthMax = 16;

    /// <summary>Most values in one document, lists and objects included.</summary>
    public const int ValuesMax = 500_000;

    /// <summary>Most errors told of one document; one more says that others were left out.</summary>
    public const int ErrorsMax = 100;

    /// <summary>Parses and checks a whole document. Never throws for what is in it.</summary>
    /// <param name="utf8Json">The document in UTF-8, with or without a byte order mark.</param>
    public static PolicyParseResult Parse(ReadOnlyMemory<byte> utf8Json)
    {
        var errors = new ErrorList();
        if (JsonTreeReader.Read(utf8Json.Span, errors) is not { } root)
        {
            return errors.ToResult(null);
        }

        PolicyShape.Root.Check(root, KeyPath.Document, errors);
        return errors.ToResult(DocumentBuilder.Build(root, errors));
    }
}
