using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContextAware.Tests.Visualization;

/// <summary>A headless Chromium, driven over its DevTools protocol. Nothing is installed or downloaded.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome.exe", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

    private readonly string profile = Directory.CreateTempSubdirectory("contextaware-chromium-").FullName;
    private readonly ClientWebSocket socket = new();
    private Process? process;
    private int lastId;

    /// <summary>Complaints of the page: exceptions, blocked requests, console errors.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Everything that the page asked the network for, itself excepted.</summary>
    public List<string> Requests { get; } = [];

    public string? WhyNot { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } program)
        {
            WhyNot = "No Chromium or Chrome is installed (Debian: apt-get install chromium).";
            return;
        }

        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1000,800", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ];
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();

        var port = await Port();
        if (port is null)
        {
            WhyNot = $"{program} did not start.";
            return;
        }

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var targets = JsonNode.Parse(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json/list")))!.AsArray();
        var page = targets.First(x => (string?)x!["type"] == "page")!;
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new Uri((string)page["webSocketDebuggerUrl"]!), TestContext.Current.CancellationToken);
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
            await Send($"{domain}.enable");
    }

    /// <summary>Opens a page given as text, and waits until it is drawn.</summary>
    public async Task Open(string html)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        var path = Path.Combine(profile, $"page{lastId}.html");
        await File.WriteAllTextAsync(path, html);
        Complaints.Clear();
        Requests.Clear();
        var address = new Uri(path).AbsoluteUri;
        await Send("Page.navigate", new() { ["url"] = address });
        for (var i = 0; i < 1200 && await Text($"location.href === '{address}' && document.readyState") != "complete"; i++)
            await Task.Delay(25);
        Requests.Remove(address);
    }

    /// <summary>The value of a JavaScript expression, as text.</summary>
    public async Task<string> Text(string expression)
    {
        var answer = await Send("Runtime.evaluate", new() { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        return answer["exceptionDetails"] is { } fault ? throw new InvalidOperationException(fault.ToJsonString()) : (string)answer["result"]!["value"]!;
    }

    /// <summary>Moves the mouse to the middle of the element that an expression gives, and clicks if asked to.</summary>
    public async Task Point(string element, bool click = false)
    {
        var box = (await Text($"(e => (e.scrollIntoView({{block: 'nearest'}}), e = e.getBoundingClientRect(), [e.x + e.width / 2, e.y + e.height / 2].join(' ')))({element})")).Split(' ');
        double x = double.Parse(box[0], System.Globalization.CultureInfo.InvariantCulture), y = double.Parse(box[1], System.Globalization.CultureInfo.InvariantCulture);
        string[] steps = click ? ["mouseMoved", "mousePressed", "mouseReleased"] : ["mouseMoved"];
        foreach (var step in steps)
            await Send("Input.dispatchMouseEvent", new() { ["type"] = step, ["x"] = x, ["y"] = y, ["button"] = step == "mouseMoved" ? "none" : "left", ["clickCount"] = 1 });
    }

    /// <summary>Presses and releases a key.</summary>
    public async Task Press(string key, int code)
    {
        foreach (var step in new[] { "keyDown", "keyUp" })
            await Send("Input.dispatchKeyEvent", new() { ["type"] = step, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code });
    }

    /// <summary>A picture (PNG, base64) of the element that an expression gives.</summary>
    public async Task<string> Picture(string element)
    {
        var box = JsonNode.Parse(await Text($"JSON.stringify((r => ({{x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height, scale: 1}}))({element}.getBoundingClientRect()))"));
        return (string)(await Send("Page.captureScreenshot", new() { ["clip"] = box }))["data"]!;
    }

    /// <summary>Makes the page believe that its reader prefers "dark" or "light".</summary>
    public Task Prefer(string scheme) => Send("Emulation.setEmulatedMedia",
        new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }) });

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        for (var i = 0; i < 40 && Directory.Exists(profile); i++)
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(50); // helper processes are still closing their files
            }
    }

    private async Task<JsonNode> Send(string method, JsonObject? parameters = null)
    {
        var id = ++lastId;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        while (true)
        {
            var answer = await Receive();
            if ((int?)answer["id"] == id)
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer.ToJsonString()}");
            Note(answer);
        }
    }

    private void Note(JsonNode happened)
    {
        switch ((string?)happened["method"])
        {
            case "Runtime.exceptionThrown" or "Log.entryAdded":
                Complaints.Add(happened["params"]!.ToJsonString());
                break;
            case "Network.requestWillBeSent":
                Requests.Add((string)happened["params"]!["request"]!["url"]!);
                break;
        }
    }

    private async Task<JsonNode> Receive()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 16];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            whole.Write(buffer.AsSpan(0, part.Count));
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(whole.ToArray())!;
    }

    // Chromium writes the port that it chose into its profile.
    private async Task<string?> Port()
    {
        var file = Path.Combine(profile, "DevToolsActivePort");
        for (var i = 0; i < 600 && !process!.HasExited; i++, await Task.Delay(50))
            if (File.Exists(file) && (await File.ReadAllLinesAsync(file)) is { Length: >= 2 } lines)
                return lines[0];
        return null;
    }

    private static string? Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => Path.IsPathRooted(name) ? [name] : folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
