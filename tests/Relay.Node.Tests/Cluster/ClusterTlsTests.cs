using System.Net;
using System.Security.Cryptography.X509Certificates;
using Relay.Node.Cluster.Tls;
using Relay.Node.CommandLine;
using Relay.Node.Settings;
using Relay.Node.Tests.Encryption;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Cluster;

public sealed class ClusterTlsTests : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-nodes-").FullName;
    private readonly IPEndPoint[] _seeds = [.. Enumerable.Range(0, 4).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
    private readonly List<NodeOfCluster> _nodes = [];
    private readonly TestCertificates _authority = new();
    private readonly TestCertificates _foreign = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
    }

    [Fact]
    public async Task Nodes_of_one_authority_form_a_cluster_and_a_foreign_one_gets_in_nowhere_and_harms_nobody()
    {
        // The foreign one is first in the list, so all others call it.
        var foreign = await StartAsync(0, _foreign);
        foreach (var index in new[] { 1, 2, 3 })
        {
            await StartAsync(index, _authority);
        }

        var own = _nodes[1..];
        await UntilAsync(() => own.All(node => node.Sees(_seeds[1..])));
        await UntilAsync(() => own.All(node => node.Log.Lines.Any(line => line.Contains($"{_seeds[0]} is not spoken to: its certificate \"CN=node\" does not hold", StringComparison.Ordinal))));
        await UntilAsync(() => foreign.Log.Lines.Any(static line => line.Contains("is not spoken to", StringComparison.Ordinal)));

        // A node that comes back with a foreign certificate is called by those whose member it was.
        await StopAsync(own[2]);
        await StartAsync(3, _foreign);
        await UntilAsync(() => own[..2].All(node => node.Sees(_seeds[1..3]) && node.Log.Lines.Any(line => line.Contains($"{_seeds[3]} is not spoken to", StringComparison.Ordinal))));
        Assert.All(own[..2], static node => Assert.Equal(1, node.State.Starts));
        Assert.False(foreign.State.Picture!.IsMember);
    }

    [Fact]
    public async Task A_node_in_plaintext_stays_outside()
    {
        var plain = await NodeOfCluster.StartAsync(_seeds[0], _seeds[..3]);
        _nodes.Add(plain);
        _nodes.Add(await NodeOfCluster.StartAsync(_seeds[1], _seeds[..3], tls: Files(_authority.ForNode(), _authority)));
        _nodes.Add(await NodeOfCluster.StartAsync(_seeds[2], _seeds[..3], tls: Files(_authority.ForNode(), _authority)));

        await UntilAsync(() => _nodes[1..].All(node => node.Sees(_seeds[1..3])));

        Assert.False(plain.State.Picture!.IsMember);
        Assert.All(_nodes[1..], static node => Assert.Equal(1, node.State.Starts));
    }

    [Fact]
    public async Task A_certificate_that_the_others_would_not_take_stops_the_start()
    {
        await RefuseAsync(Files(_foreign.ForNode(), _authority), "the other nodes would not take it: its certificate \"CN=node\" does not hold: ");
        await RefuseAsync(Files(_authority.ForNode(TestCertificates.From.AddYears(1)), _authority), "NotTimeValid");
        await RefuseAsync(Files(_authority.For("node.example"), _authority), "is for servers or for clients alone (extended key usage): a node is both");
        await RefuseAsync(Files(_authority.ForClient("CN=node"), _authority), "is for servers or for clients alone");
    }

    private static async Task RefuseAsync(ClusterTlsSection section, string problem)
    {
        var settings = new NodeSettings { Cluster = new ClusterSection { Tls = section } };
        var refused = await Assert.ThrowsAsync<CommandException>(() => ClusterTls.LoadAsync(settings, CancellationToken.None));
        Assert.StartsWith($"{section.CertificateFile}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    private async Task<NodeOfCluster> StartAsync(int index, TestCertificates authority)
    {
        var node = await NodeOfCluster.StartAsync(_seeds[index], _seeds, tls: Files(authority.ForNode(), authority));
        _nodes.Add(node);
        return node;
    }

    private async Task StopAsync(NodeOfCluster node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    private ClusterTlsSection Files(X509Certificate2 certificate, TestCertificates authority)
    {
        var name = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(name + ".pem", certificate.ExportCertificatePem());
        File.WriteAllText(name + ".key", CertificateFolder.KeyOf(certificate));
        File.WriteAllText(name + ".ca", authority.RootPem);
        certificate.Dispose();
        return new ClusterTlsSection { CertificateFile = name + ".pem", KeyFile = name + ".key", AuthoritiesFile = name + ".ca" };
    }

    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition, () => string.Join("\n\n", _nodes));
}
