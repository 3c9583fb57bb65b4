using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Relay.Node.Tests.CommandLine;

/// <summary>A node's API as far as a command needs it: real HTTP, canned answers, and what was asked.</summary>
internal sealed class AdminStub : IAsyncDisposable
{
    public const string Token = "s3cret";

    private readonly WebApplication _app;

    private AdminStub(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Path and query of every request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>The body of every POST and PUT, in order.</summary>
    public ConcurrentQueue<string> Posted { get; } = [];

    /// <summary>The method of every request, in order.</summary>
    public ConcurrentQueue<string> Methods { get; } = [];

    public int Status { get; set; } = StatusCodes.Status200OK;

    public string ContentType { get; set; } = "application/json";

    public string Body { get; set; } = "{}";

    public string? Location { get; set; }

    /// <summary>Ends an answer: until then a client waits. Done by default.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public static async Task<AdminStub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new AdminStub(app);
        app.Run(stub.AnswerAsync);
        await app.StartAsync();
        return stub;
    }

    public void Refuse(int status, string problem)
    {
        (Status, ContentType, Body) = (status, "application/problem+json", problem);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue(context.Request.Path + context.Request.QueryString.Value);
        Methods.Enqueue(context.Request.Method);
        if (HttpMethods.IsPost(context.Request.Method) || HttpMethods.IsPut(context.Request.Method))
        {
            using var body = new StreamReader(context.Request.Body);
            Posted.Enqueue(await body.ReadToEndAsync());
        }

        context.Response.ContentType = ContentType;
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.ContentType = "application/problem+json";
            await context.Response.WriteAsync("""{ "title": "Unauthorized", "detail": "a token is needed" }""");
            return;
        }

        await Hold.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = Status;
        if (Location is { } location)
        {
            context.Response.Headers.Location = location;
        }

        await context.Response.WriteAsync(Body);
    }
}
