using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Metrics;
using Relay.Node.Authentication;
using Relay.Node.Listeners;
using Relay.Smtp.Server;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Authentication;

public sealed class AuthenticatorTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RelayMetrics _metrics = new(new MeterScope(), static () => 0, static () => 0, static () => 0, static () => 0, static () => 0);
    private TestUsers _users = null!;
    private PasswordChecks _checks = new(1);
    private Authenticator _logins = null!;

    public async Task InitializeAsync()
    {
        _users = await TestUsers.CreateAsync(("alice", "secret"), ("cert.example", "x"));
        _logins = NewLogins();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _users.Dispose();
        _metrics.Dispose();
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("SCRAM-SHA-256")]
    public async Task A_user_logs_in_and_a_wrong_password_and_an_unknown_name_get_the_same_answer_for_the_same_work(string mechanism)
    {
        var client = new Client(_logins);
        Assert.Equal("535 5.7.8 Authentication credentials invalid", await client.LogInAsync(mechanism, "alice", "wrong"));
        var work = _checks.Iterations;
        Assert.Equal("535 5.7.8 Authentication credentials invalid", await client.LogInAsync(mechanism, "nobody", "wrong"));
        Assert.Equal(work, _checks.Iterations - work);
        Assert.Null(client.Dialogue.User);
        Assert.StartsWith("235 2.7.0", await client.LogInAsync(mechanism, "Alice", "secret"), StringComparison.Ordinal);
        Assert.Equal("alice", client.Dialogue.User);
        Assert.Equal(mechanism == "SCRAM-SHA-256" ? 0 : 3 * Smtp.Authentication.ScramVerifier.IterationsMin, _checks.Iterations);
    }

    [Theory]
    [InlineData("PLAIN", "alice", "secret")]
    [InlineData("SCRAM-SHA-256", "alice", "secret")]
    [InlineData("PLAIN", "nobody", "wrong")]
    public async Task While_nobody_has_said_who_the_users_are_nobody_is_refused_for_good(string mechanism, string user, string password)
    {
        _users.Store.IsProvisional = true;
        var client = new Client(_logins);
        Assert.StartsWith("454 4.7.0", await client.LogInAsync(mechanism, user, password), StringComparison.Ordinal);
        _users.Store.Take(UserDocument.Empty().With("alice", TestUsers.VerifierOf("secret")));
        Assert.StartsWith(user == "alice" ? "235" : "535", await client.LogInAsync(mechanism, user, password), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cert.example", "235 2.7.0")]
    [InlineData("other.example", "535 5.7.8")]
    public async Task EXTERNAL_takes_users_only(string identity, string reply)
    {
        var client = new Client(_logins, identity);
        Assert.StartsWith(reply, await client.SayAsync("AUTH EXTERNAL ="), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    public async Task Over_the_limit_nothing_is_computed_and_the_right_password_does_not_help(string mechanism)
    {
        for (var i = 0; i < LoginLimits.FailuresPerClientMax; i++)
        {
            Assert.StartsWith("535", await new Client(_logins).LogInAsync(mechanism, "alice", "wrong"), StringComparison.Ordinal);
        }

        var work = _checks.Iterations;
        var client = new Client(_logins);
        Assert.StartsWith("421 4.7.0", await client.LogInAsync(mechanism, "alice", "secret"), StringComparison.Ordinal);
        Assert.Equal(work, _checks.Iterations);
        Assert.StartsWith("235", await new Client(_logins, address: "203.0.113.1").LogInAsync(mechanism, "alice", "secret"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slowed_login_waits_on_the_clock_and_then_succeeds()
    {
        for (var i = 0; i < LoginLimits.FailuresPerUserMax; i++)
        {
            await new Client(_logins, address: $"198.18.{i}.1").LogInAsync("PLAIN", "alice", "wrong");
        }

        var slowed = new Client(_logins, address: "203.0.113.1").LogInAsync("PLAIN", "alice", "secret");
        Assert.False(slowed.IsCompleted);
        _time.Advance(LoginLimits.SlowDown);
        Assert.StartsWith("235", await slowed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_too_many_passwords_wait_the_answer_is_temporary_and_no_failure()
    {
        _checks = new PasswordChecks(atOnceMax: 0);
        _logins = NewLogins();
        for (var i = 0; i < PasswordChecks.WaitingMax; i++)
        {
            _ = _checks.CheckAsync(TestUsers.VerifierOf("x"), new byte[1], PasswordOwner.Of("x", ClientKey.OfNetwork(IPAddress.Parse($"198.18.{i}.1")), isKnown: false));
        }

        for (var i = 0; i < 3 * LoginLimits.FailuresPerClientMax; i++)
        {
            Assert.StartsWith("454 4.7.0", await new Client(_logins).LogInAsync("PLAIN", "alice", "secret"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_password_that_was_changed_during_SCRAM_logs_nobody_in()
    {
        var client = new Client(_logins);
        var scram = new ScramTestClient("alice", "secret");
        var serverFirst = Client.Decode(await client.SayAsync($"AUTH SCRAM-SHA-256 {Client.Encode(scram.First)}"));
        var serverFinal = Client.Decode(await client.SayAsync(Client.Encode(scram.Final(serverFirst))));
        Assert.Equal(scram.ServerFinal, serverFinal);
        _users.Put("alice", TestUsers.VerifierOf("new"));
        Assert.StartsWith("535", await client.SayAsync(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_exchange_has_another_nonce_and_a_recorded_one_is_worth_nothing()
    {
        var scram = new ScramTestClient("alice", "secret");
        var first = new Client(_logins);
        var serverFirst = Client.Decode(await first.SayAsync($"AUTH SCRAM-SHA-256 {Client.Encode(scram.First)}"));
        var recorded = Client.Encode(scram.Final(serverFirst));
        var second = new Client(_logins);
        Assert.NotEqual(serverFirst, Client.Decode(await second.SayAsync($"AUTH SCRAM-SHA-256 {Client.Encode(scram.First)}")));
        Assert.StartsWith("535", await second.SayAsync(recorded), StringComparison.Ordinal);
    }

    private Authenticator NewLogins() => new(
        _users.Store, _checks, new LoginLimits(_time), _metrics, new LoginLog(NullLogger<LoginLog>.Instance), _time);

    /// <summary>A dialogue under TLS whose logins are decided.</summary>
    private sealed class Client
    {
        private readonly Authenticator _logins;
        private readonly IPAddress _address;
        private readonly Pipe _output = new();

        public Client(Authenticator logins, string? identity = null, string address = "192.0.2.10")
        {
            (_logins, _address) = (logins, IPAddress.Parse(address));
            var options = new ServerDialogueOptions { HostName = "mx.relay.example", OfferStartTls = true, OfferAuthentication = true };
            Dialogue = new ServerDialogue(options, new MessageLimits(1000, 10, 10));
            TestDialogues.StartTls(Dialogue, _output.Writer, new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384", identity));
        }

        public ServerDialogue Dialogue { get; }

        public static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

        public static string Decode(string reply) => Encoding.UTF8.GetString(Convert.FromBase64String(reply["334 ".Length..]));

        public async Task<string> LogInAsync(string mechanism, string user, string password)
        {
            switch (mechanism)
            {
                case "PLAIN":
                    return await SayAsync($"AUTH PLAIN {Encode($"\0{user}\0{password}")}");
                case "LOGIN":
                    await SayAsync($"AUTH LOGIN {Encode(user)}");
                    return await SayAsync(Encode(password));
                default:
                    var scram = new ScramTestClient(user, password);
                    var challenge = await SayAsync($"AUTH SCRAM-SHA-256 {Encode(scram.First)}");
                    var verdict = challenge.StartsWith("334", StringComparison.Ordinal) ? await SayAsync(Encode(scram.Final(Decode(challenge)))) : challenge;
                    return verdict.StartsWith("334", StringComparison.Ordinal) ? await SayAsync("") : verdict;
            }
        }

        public async Task<string> SayAsync(string line)
        {
            var input = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line + "\r\n"));
            while (Dialogue.Advance(ref input, _output.Writer) is var step && step is DialogueStep.FindVerifier or DialogueStep.DecideAuthentication)
            {
                await _logins.DecideAsync(Dialogue, _address, "submission", _output.Writer);
            }

            await _output.Writer.FlushAsync();
            var read = await _output.Reader.ReadAsync();
            var text = Encoding.ASCII.GetString(read.Buffer);
            _output.Reader.AdvanceTo(read.Buffer.End);
            return text.TrimEnd().Split("\r\n")[^1];
        }
    }
}
