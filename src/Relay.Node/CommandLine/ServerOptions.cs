using System.CommandLine;
using System.Net;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary>The options of every command that asks a running node.</summary>
internal sealed class ServerOptions
{
    /// <summary>The file in the data directory that holds the API's token.</summary>
    public const string TokenFileName = "admin.token";

    private readonly Option<string?> _config;

    public ServerOptions(Option<string?> config) => _config = config;

    public Option<Uri?> Server { get; } = new("--server")
    {
        Description = "The node's admin address. [default: http:// and Admin:Address of the settings file]",
        HelpName = "URL",
        CustomParser = Parsing.Of<Uri?>(ParseServer),
    };

    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = $"The file with the admin token. [default: {TokenFileName} in Node:DataDirectory of the settings file]",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Server);
        command.Options.Add(TokenFile);
        command.Options.Add(_config);
    }

    /// <summary>A client of the node that the options name; settings are read only for what they do not say.</summary>
    /// <exception cref="CommandException">The token cannot be read, or the address is not known.</exception>
    /// <exception cref="SettingsException">The settings are needed and wrong.</exception>
    public async Task<AdminClient> ConnectAsync(ParseResult arguments, CommandContext context, CancellationToken cancellationToken)
    {
        var server = arguments.GetValue(Server);
        var tokenFile = arguments.GetValue(TokenFile);
        if (server is null || tokenFile is null)
        {
            var sources = new SettingsSources
            {
                ConfigFile = arguments.GetValue(_config),
                WorkingDirectory = context.WorkingDirectory,
                Variables = context.Variables,
                FindHostName = _ => Task.FromResult<string?>(null),
            };
            var settings = await SettingsLoader.LoadAsync(sources, cancellationToken);
            server ??= AddressOf(settings.Admin.Address);
            tokenFile ??= Path.Combine(settings.Node.DataDirectory, TokenFileName);
        }

        var token = await AdminToken.ReadAsync(tokenFile, context.WorkingDirectory, cancellationToken);
        return new AdminClient(server, token, context.AnswerTimeMax);
    }

    private static Uri AddressOf(IPEndPoint listening)
    {
        if (listening.Port == 0)
        {
            throw new CommandException("Admin:Address has port 0, a free one at each start: give --server http://127.0.0.1:PORT");
        }

        // "Any address" is where it listens, not where it can be reached.
        var address = listening.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : listening.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : listening.Address;
        return new Uri($"http://{new IPEndPoint(address, listening.Port)}");
    }

    private static string? ParseServer(string text, out Uri? value)
    {
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme is "http" or "https"
            && value is { Query: "", Fragment: "", UserInfo: "" };
        return isUrl ? null : $"{ShownText.Quote(text)} is no address of a node, like http://127.0.0.1:8025";
    }
}
