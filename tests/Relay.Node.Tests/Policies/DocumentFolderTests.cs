using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using Relay.Node.Policies;

namespace Relay.Node.Tests.Policies;

/// <summary>Whom a node obeys outlives the process, and is not forgotten without a word.</summary>
public sealed class DocumentFolderTests : IDisposable
{
    private static readonly StoredDocument Version = new(
        new DocumentHead(5, 7, DocumentHead.DigestOf("{}"u8), 2, "proposal", "a", "", DateTimeOffset.UnixEpoch), "{}"u8.ToArray());

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-documents-").FullName;

    private string PromiseFile => Path.Combine(_folder, "promise");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_promise_is_kept()
    {
        var folder = DocumentFolder.Open(_folder);
        folder.Save(new WriterPromise(9, -3));
        folder.SaveInForce(Version);

        var again = DocumentFolder.Open(_folder);

        Assert.Equal(new WriterPromise(9, -3), again.Promise);
        Assert.Empty(again.Problems);
    }

    [Theory]
    [InlineData("junk")]
    [InlineData("")]
    [InlineData("9")]
    [InlineData("9 -3 junk\n")]
    [InlineData("9 junk\n")]
    [InlineData(null)]
    public void A_promise_that_cannot_be_read_is_said_and_no_store_of_before_is_obeyed(string? content)
    {
        var folder = DocumentFolder.Open(_folder);
        folder.Save(new WriterPromise(9, -3));
        folder.SaveInForce(Version);
        if (content is null)
        {
            File.Delete(PromiseFile);
        }
        else
        {
            File.WriteAllText(PromiseFile, content);
        }

        var damaged = DocumentFolder.Open(_folder);

        Assert.StartsWith($"{PromiseFile}: is {(content is null ? "missing" : "damaged")}", Assert.Single(damaged.Problems), StringComparison.Ordinal);
        Assert.False(damaged.Promise.Allows(9, -3)); // the one that it obeyed
        Assert.False(damaged.Promise.Allows(10, 4)); // one that came after that, and may have been obeyed
        Assert.True(damaged.Promise.Allows(damaged.Promise.Epoch + 1, 4)); // one that knows that it must begin anew
        Assert.Equal(7, damaged.InForce!.Head.Version);

        damaged.Save(new WriterPromise(damaged.Promise.Epoch + 1, 4));
        var mended = DocumentFolder.Open(_folder);
        Assert.Equal(damaged.Promise, mended.Promise);
        Assert.Empty(mended.Problems);
    }

    [Fact]
    public void A_version_that_came_before_any_promise_is_none_that_was_lost()
    {
        DocumentFolder.Open(_folder).SaveInForce(Version);

        var again = DocumentFolder.Open(_folder);

        Assert.Equal(default, again.Promise);
        Assert.Empty(again.Problems);
    }

    [Fact]
    public void What_held_before_the_first_version_is_kept_and_what_a_node_brings_along_later_is_not()
    {
        var first = DocumentFolder.Open(_folder);
        first.BeginWith(6, "{ }"u8.ToArray(), "PolicyFile", DateTimeOffset.UnixEpoch);
        Assert.Empty(first.History);
        first.SaveInForce(Version);
        Assert.Equal([6, 7], DocumentFolder.Open(_folder).History.Select(static head => head.Version));
        Assert.Equal("{ }"u8.ToArray(), first.Find(6)!.Body.ToArray());
        Assert.Equal(7, DocumentFolder.Open(_folder).InForce!.Head.Version);

        var later = DocumentFolder.Open(Path.Combine(_folder, "later"));
        later.BeginWith(1, "{ }"u8.ToArray(), "PolicyFile", DateTimeOffset.UnixEpoch);
        later.SaveInForce(Version);
        Assert.Equal([7], later.History.Select(static head => head.Version));
    }

    [Fact]
    public void An_empty_folder_has_promised_nothing()
    {
        var folder = DocumentFolder.Open(_folder);

        Assert.Equal(default, folder.Promise);
        Assert.Empty(folder.Problems);
    }
}
