using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The feature on servers whose own parser has already made strings of the headers (HTTP/2, HTTP/3, TestServer, IIS). One object a
/// request, and only for that: whoever keeps it is refused, whichever requests come after. The table, which is large, is pooled
/// and refuses old readers by its version.
/// </summary>
/// <remarks>The lock orders the end of the request against what the application has left running; nearly always it is free.</remarks>
internal sealed class RequestArenaFeature : IRequestArenaFeature
{
    private readonly RequestArenaPool _arenas;
    private readonly ObjectPool<HeaderTable> _tables;
    private HttpContext? _context; // null: the request is over
    private ArenaLease _lease;
    private ReleasedArenas.OfRequest? _released;
    private HeaderTable? _headers;
    private SpinLock _lock = new(enableThreadOwnerTracking: false);

    public RequestArenaFeature(HttpContext context, RequestArenaPool arenas, ObjectPool<HeaderTable> tables)
    {
        _arenas = arenas;
        _tables = tables;
        _context = context;
        _lease = arenas.Rent();
        NameOwner();
    }

    public RequestArena Arena
    {
        get
        {
            using (Enter())
            {
                return Rented().Handle;
            }
        }
    }

    public HeaderSpans HeaderSpans
    {
        get
        {
            HttpContext context;
            using (Enter())
            {
                ThrowIfOver();
                if (_headers is { } headers)
                {
                    return headers.Spans;
                }

                context = _context!;
            }

            return Fill(context);
        }
    }

    public bool ReleaseArena()
    {
        ArenaLease lease;
        ReleasedArenas.OfRequest released;
        using (Enter())
        {
            ThrowIfOver();
            lease = _lease;
            released = _released ??= new ReleasedArenas.OfRequest(_arenas.Released);
            _headers?.LeaveArena();
            _lease = default;
        }

        if (lease.Arena is not null)
        {
            released.Add(lease);
        }

        return true;
    }

    /// <summary>Whether there is room for the request, under <see cref="ArenaExhaustion.Reject"/>.</summary>
    public bool TryReserve(int size) => _lease.Arena!.TryReserve(size);

    /// <summary>Lets go of the request and gives back its arena.</summary>
    public void End()
    {
        ArenaLease lease;
        HeaderTable? headers;
        using (Enter())
        {
            lease = _lease;
            headers = _headers;
            _lease = default;
            _headers = null;
            _context = null;
        }

        if (headers is not null)
        {
            headers.Clear();
            _tables.Return(headers);
        }

        _arenas.Return(lease);
        _released?.ReturnAll();
    }

    // On first use only: a request whose headers nobody asks for as spans should not pay for a second copy of them.
    // What is asked for them may be the application's code, which may use this feature: outside of the lock.
    private HeaderSpans Fill(HttpContext context)
    {
        using RequestFields request = Collect(context);
        using (Enter())
        {
            ThrowIfOver();
            return (_headers ?? Fill(request)).Spans; // somebody else may have been first
        }
    }

    private RequestFields Collect(HttpContext context)
    {
        try
        {
            return RequestFields.Of(context.Request.Headers, context.Request.Method, TargetOf(context));
        }
        catch (Exception) when (Volatile.Read(ref _context) is null)
        {
            ThrowIfOver(); // the server has been taking the request apart meanwhile
            throw;
        }
    }

    private HeaderTable Fill(in RequestFields request)
    {
        HeaderTable headers = _tables.Get();
        try
        {
            headers.Fill(request, Rented().Arena!);
            _headers = headers;
            return headers;
        }
        finally
        {
            if (_headers is null)
            {
                headers.Clear();
                _tables.Return(headers);
            }
        }
    }

    /// <summary>As it was sent; put together of its parts where the server does not keep it.</summary>
    private static string TargetOf(HttpContext context)
    {
        string? target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        HttpRequest request = context.Request;
        return string.IsNullOrEmpty(target)
            ? string.Concat(request.PathBase.ToUriComponent(), request.Path.ToUriComponent(), request.QueryString.Value)
            : target;
    }

    private ref readonly ArenaLease Rented()
    {
        ThrowIfOver();
        if (_lease.Arena is null)
        {
            _lease = _arenas.Rent();
            NameOwner();
        }

        return ref _lease;
    }

    /// <summary>Under the debug option what is found names the request.</summary>
    private void NameOwner()
    {
        if (_arenas.Process.Debug)
        {
            _lease.Arena!.Owner = _context!.TraceIdentifier;
        }
    }

    private Inside Enter()
    {
        bool isTaken = false;
        _lock.Enter(ref isTaken);
        return new Inside(this);
    }

    private void ThrowIfOver() => ObjectDisposedException.ThrowIf(_context is null, typeof(RequestArena));

    private readonly ref struct Inside(RequestArenaFeature feature)
    {
        public void Dispose() => feature._lock.Exit();
    }
}
