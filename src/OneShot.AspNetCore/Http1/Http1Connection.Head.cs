using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Timeouts;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

internal sealed partial class Http1Connection
{
    private readonly RequestTarget _target = new(!front.Options.DisableStringReuse, front.Options.AllowHostHeaderOverride);
    private readonly HeaderParser _parser = new(front.HeaderLimits);
    private HeadAssembler _assembler;
    private RequestRejection _refusal;
    private bool _isHeadBegun;
    private int _refusalStatus;
    private string? _allowedMethod;
    private bool _keepOpen = true;
    private bool _hasNextInHand;
    private bool _hasHeadClock;

    /// <summary>The field lines of the current request.</summary>
    internal HeaderTable Table { get; } = new();

    /// <summary>The arena of the current request: the one its head was parsed into, or, when that was released, a new one.</summary>
    internal ConnectionArena Arena { get; } = new(front.Arenas);

    /// <summary>
    /// Looks at the bytes in hand for the next request's head. Whatever the outcome, the transport has been advanced.
    /// </summary>
    internal HeadOutcome TakeHead(in ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer;
        if (buffer.IsEmpty)
        {
            Input.AdvanceTo(buffer.Start, buffer.End);
            return read.IsCompleted || _stopRequested || _isIdleExpired ? EndIdle() : HeadOutcome.NeedMore;
        }

        try
        {
            if (!_isHeadBegun)
            {
                BeginHead();
            }

            HeaderParseResult result = Parse(buffer, out ReadOnlySpan<byte> bytes);
            switch (result)
            {
                case HeaderParseResult.Done when Arena.Rented is null && !TryRentArena():
                    Input.AdvanceTo(buffer.End);
                    return RefuseForSpace();

                case HeaderParseResult.Done:
                    _hasNextInHand = buffer.Length > _parser.HeadLength;
                    Table.Commit(Arena.Rented!, bytes[.._parser.HeadLength]);
                    _assembler.Release();
                    Input.AdvanceTo(buffer.GetPosition(_parser.HeadLength));
                    return Accept();

                case HeaderParseResult.NeedMore when read.IsCanceled && _stopRequested && !_parser.HasBegun:
                    Input.AdvanceTo(buffer.End);
                    return HeadOutcome.Ended; // who has begun to ask is answered

                case HeaderParseResult.NeedMore when _isHeadExpired:
                    Input.AdvanceTo(buffer.End);
                    return Refuse(RequestRejection.RequestHeadersTimeout);

                case HeaderParseResult.NeedMore when _parser.FindFault(bytes, Table, front.HeaderDecoder) is not RequestRejection.None and var fault:
                    Input.AdvanceTo(buffer.End);
                    return Refuse(fault);

                case HeaderParseResult.NeedMore when !read.IsCompleted:
                    StartHeadClock();
                    WaitWithoutArena();
                    Input.AdvanceTo(buffer.Start, buffer.End);
                    return HeadOutcome.NeedMore;

                case HeaderParseResult.NeedMore when !_parser.HasBegun:
                    Input.AdvanceTo(buffer.End);
                    return HeadOutcome.Ended; // empty lines begin no request

                case HeaderParseResult.NeedMore:
                    Input.AdvanceTo(buffer.End);
                    return Refuse(RequestRejection.UnexpectedEnd);

                default:
                    RequestRejection first = FirstFault(bytes, _parser.Rejection); // before the transport takes the bytes back
                    Input.AdvanceTo(buffer.End);
                    return Refuse(first);
            }
        }
        catch (ArenaExhaustedException)
        {
            Input.AdvanceTo(buffer.End);
            return RefuseForSpace();
        }
    }

    private HeaderParseResult Parse(in ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        // Nearly every head is whole in the first segment, however much of a body or of further requests follows it.
        bytes = buffer.FirstSpan;
        HeaderParseResult result = _parser.Parse(bytes, Table);
        if (result == HeaderParseResult.NeedMore && !buffer.IsSingleSegment)
        {
            bytes = _assembler.Assemble(buffer, front.LargestHead);
            result = _parser.Parse(bytes, Table);
        }

        return result;
    }

    /// <remarks>
    /// Nearly every head is complete when its first bytes are, so it goes straight into an arena. One that is not gives the arena
    /// back and takes one when it is: a client that does not end its head holds nothing but its bytes.
    /// </remarks>
    private void BeginHead()
    {
        _isHeadBegun = true;
        _isIdleExpired = false; // it came just in time
        if (!_hasHeadClock)
        {
            _isHeadExpired = false;
            Timeouts.Stop();
        }

        Table.Begin(TryRentArena() ? Arena.Rented : null);
        _parser.Reset();
    }

    /// <returns>False when there is no room for a request: under <see cref="ArenaExhaustion.Reject"/> it is turned away when its head is complete.</returns>
    private bool TryRentArena()
    {
        Arena arena = Arena.Rent();
        if (arena.Process.Exhaustion != ArenaExhaustion.Reject || arena.TryReserve(ArenaRejection.AdmissionSize))
        {
            return true;
        }

        Arena.Return();
        return false;
    }

    private void WaitWithoutArena()
    {
        if (Arena.Rented is not null)
        {
            Table.Stage();
            Arena.Return();
        }
    }

    /// <summary>The head did not come whole, as nearly all do: from its first bytes on, whoever sees them, it has so much time.</summary>
    internal void StartHeadClock()
    {
        if (!_hasHeadClock)
        {
            _hasHeadClock = true;
            Timeouts.Start(TimeoutReason.RequestHead, front.Options.Limits.RequestHeadersTimeout);
        }
    }

    private HeadOutcome Accept()
    {
        RequestRejection rejection = RequestFraming.TryDetermine(_parser.RequestLine, Table, out RequestFraming framing, front.HeaderLimits.Tolerated);
        if (rejection == RequestRejection.None)
        {
            rejection = _target.Parse(_parser.RequestLine.TargetOf(Table.Head), _parser.RequestLine.Method, HostOf(Table));
        }

        if (rejection == RequestRejection.None)
        {
            rejection = front.HeaderDecoder.Check(Table);
        }

        if (rejection != RequestRejection.None)
        {
            return Refuse(FirstFault(Table.Head, rejection));
        }

        if (_target.HostOverride is { } host)
        {
            Table.ReplaceValue(Table.IndexOf(KnownHeader.Host), _parser.RequestLine.TargetOffset + _target.HostOverrideStart, host.Length);
        }

        _hasHeadClock = false;
        Timeouts.Stop();
        BecomeActive();
        _exchange.Begin(_parser.RequestLine, _target, framing);
        return HeadOutcome.Ready;
    }

    /// <summary>Of several faults the first line's, which would have been refused at once had its bytes come alone.</summary>
    private RequestRejection FirstFault(ReadOnlySpan<byte> head, RequestRejection rejection) =>
        _parser.FindFault(head, Table, front.HeaderDecoder) is not RequestRejection.None and var fault ? fault : rejection;

    private static ReadOnlySpan<byte> HostOf(HeaderTable table) =>
        table.IndexOf(KnownHeader.Host) is >= 0 and var index ? table.ValueAt(index) : [];

    private HeadOutcome Refuse(RequestRejection rejection)
    {
        Http1Log.RequestRefused(front.Logger, ConnectionId, rejection);
        front.Rejections?.Count(rejection);
        EndsWith(RequestRejections.ErrorType(rejection));
        _allowedMethod = RequestRejections.AllowedMethod(rejection);
        _refusal = rejection;
        _refusalStatus = RequestRejections.StatusCode(rejection);
        return HeadOutcome.Refused;
    }

    private HeadOutcome RefuseForSpace()
    {
        Http1Log.ArenaFull(front.Logger, ConnectionId, front.Arenas.Process.Used, front.Arenas.Process.Capacity);
        EndsWith(ConnectionError.ArenaFull);
        _refusalStatus = StatusCodes.Status503ServiceUnavailable;
        return HeadOutcome.Refused;
    }

    private HeadOutcome EndIdle()
    {
        if (_isIdleExpired)
        {
            EndsWith(ConnectionError.KeepAliveTimeout);
        }

        return HeadOutcome.Ended;
    }

    private void ReleaseHead()
    {
        _assembler.Release();
        Table.Clear();
        Arena.Return();
        _isHeadBegun = false;
    }
}
