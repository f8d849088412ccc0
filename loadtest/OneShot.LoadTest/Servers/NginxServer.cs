using System.Globalization;
using System.Text.RegularExpressions;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Servers;

/// <summary>nginx, a master and its one worker, in a folder of its own.</summary>
internal sealed partial class NginxServer : IServer
{
    private const string Program = "nginx";
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(5);

    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _master;
    private readonly int _worker;

    private NginxServer(DirectoryInfo folder, ChildProcess master, int worker, Uri address)
    {
        _folder = folder;
        _master = master;
        _worker = worker;
        Address = address;
    }

    public string Name => NginxSide.Word;

    public Uri Address { get; }

    /// <exception cref="LoadTestException">It is not installed, or this is no Linux.</exception>
    public static string Find() => !OperatingSystem.IsLinux()
        ? throw new LoadTestException("--sides names Nginx, whose processor time is read from /proc: that needs Linux.")
        : Executables.Find(Program) ?? throw new LoadTestException("--sides names Nginx, and nginx is not on the PATH: install it ('apt-get install nginx'), or leave it out.");

    /// <summary>Starts it and waits until it has said which process its worker is.</summary>
    /// <param name="file">The program.</param>
    /// <param name="port">Where it listens; 0 takes any free port.</param>
    /// <param name="connections">As many at once.</param>
    /// <param name="certificate">For TLS; null without.</param>
    /// <param name="cancellationToken">Ends the wait, and the server.</param>
    /// <exception cref="LoadTestException">It ended instead, or said nothing.</exception>
    public static async Task<NginxServer> StartAsync(string file, int port, int connections, ServerCertificate? certificate, CancellationToken cancellationToken)
    {
        port = port == 0 ? Ports.Free(1)[0] : port;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("oneshot-nginx-");
        ChildProcess? master = null;
        try
        {
            string configuration = Path.Combine(folder.FullName, "nginx.conf");
            await File.WriteAllTextAsync(configuration, NginxConfiguration.Write(port, connections, certificate), cancellationToken);

            TaskCompletionSource<int> worker = new(TaskCreationOptions.RunContinuationsAsynchronously);
            master = ChildProcess.Start(file, ["-p", folder.FullName, "-c", configuration], onLine: line =>
            {
                if (WorkerLine().Match(line) is { Success: true } match)
                {
                    worker.TrySetResult(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
                }
            });
            Task first = await Task.WhenAny(worker.Task, master.Exited).WaitAsync(s_startTimeout, cancellationToken);
            return first == worker.Task
                ? new NginxServer(folder, master, await worker.Task, Url(port, certificate))
                : throw new LoadTestException($"nginx ended at its start with exit code {await master.Exited}: {master.LastOutput}");
        }
        catch (Exception exception)
        {
            if (master is not null)
            {
                await master.DisposeAsync();
            }

            folder.Delete(recursive: true);
            throw exception is TimeoutException
                ? new LoadTestException($"nginx did not start its worker within {s_startTimeout.TotalSeconds:0} s: {master?.LastOutput}")
                : exception;
        }
    }

    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        _master.WhileAliveAsync(Name, work, cancellationToken);

    /// <summary>By the requests that the tool has counted: those under way at its end are a handful of many thousands.</summary>
    public async Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken)
    {
        TimeSpan start = Cpu();
        LoadOutcome outcome = await WhileAliveAsync(load, cancellationToken);
        return (outcome, new ServerCost((Cpu() - start).TotalMicroseconds / Math.Max(1, outcome.Requests), Memory: null));
    }

    public async ValueTask DisposeAsync()
    {
        await _master.StopAsync(s_stopGrace);
        await _master.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static Uri Url(int port, ServerCertificate? certificate) =>
        new UriBuilder(certificate is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, "127.0.0.1", port).Uri;

    [GeneratedRegex(@"\[notice\].*start worker process (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex WorkerLine();

    private TimeSpan Cpu() => ProcessTime.Of(_master.Id) + ProcessTime.Of(_worker);
}

/// <summary>
/// nginx as a server that does what the sample does at <c>/plaintext</c>: reads a head, and answers with a few bytes that it has to look
/// up in it. One worker, no file touched.
/// </summary>
internal static class NginxConfiguration
{
    /// <summary>Connections of its own, besides the tool's: the listening socket, the channel to the master, a client that asks beforehand.</summary>
    private const int SpareConnections = 64;

    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="connections">Connections at once.</param>
    /// <param name="certificate">For TLS; null without.</param>
    public static string Write(int port, int connections, ServerCertificate? certificate)
    {
        string tls = certificate is null ? "" : $"""

                    ssl_certificate {certificate.CertificateFile};
                    ssl_certificate_key {certificate.KeyFile};
            """;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            worker_processes 1;
            pid nginx.pid;
            # The line that names the worker is a notice; a request writes none.
            error_log /dev/stdout notice;
            events {
                worker_connections {{connections + SpareConnections}};
            }
            http {
                access_log off;
                keepalive_requests 1000000000;
                keepalive_timeout 3600s;
                # A browser's head in one buffer, as the sample has it, and bodies of any length.
                client_header_buffer_size 4k;
                client_max_body_size 0;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                default_type text/plain;
                server {
                    listen 127.0.0.1:{{port}} backlog=512{{(certificate is null ? "" : " ssl")}};{{tls}}
                    location / {
                        # "127.0.0.1:20000" is about as long as "Hello, World!".
                        return 200 $http_host;
                    }
                }
            }

            """).ReplaceLineEndings("\n");
    }
}
