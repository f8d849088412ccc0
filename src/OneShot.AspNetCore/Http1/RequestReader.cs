using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Makes request heads of a connection's bytes: from what a read has brought to an accepted head, or to the reason why it is refused.
/// Owns what lies between: the parser, the pieces of a head that has not come whole, and whether it lies in an arena yet.
/// </summary>
internal sealed class RequestReader(Http1ConnectionContext connection)
{
    private readonly Http1ServiceContext _service = connection.Service;
    private readonly ConnectionLifetime _lifetime = connection.Lifetime;
    private readonly PipeReader _input = connection.Input;
    private readonly HeaderTable _table = connection.Table;
    private readonly ConnectionArena _arena = connection.Arena;
    private readonly HeaderParser _parser = new(connection.Service.HeaderLimits);
    private HeadAssembler _pieces;
    private RequestFraming _framing;
    private bool _isHeadBegun;

    /// <summary>The accepted head's request line.</summary>
    internal ref readonly RequestLine Line => ref _parser.RequestLine;

    /// <summary>The accepted head's target.</summary>
    internal RequestTarget Target { get; } = new(!connection.Service.Options.DisableStringReuse, connection.Service.Options.AllowHostHeaderOverride);

    /// <summary>What the accepted head says of its body and of the connection.</summary>
    internal ref readonly RequestFraming Framing => ref _framing;

    /// <summary>Bytes behind the head are here already: the next request's, where this one has no body.</summary>
    internal bool HasNextInHand { get; private set; }

    /// <summary>Why the head was refused; none where there was no room for it.</summary>
    internal RequestRejection Refusal { get; private set; }

    /// <summary>The status of the answer to a refused head.</summary>
    internal int RefusalStatus { get; private set; }

    /// <summary>The method that would be allowed, where another was refused.</summary>
    internal string? AllowedMethod { get; private set; }

    /// <summary>
    /// Looks at the bytes in hand for the next request's head. Whatever the outcome, the transport has been advanced.
    /// </summary>
    internal HeadOutcome TakeHead(in ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer;
        int taken = _pieces.Length;
        if (buffer.IsEmpty && taken == 0)
        {
            _input.AdvanceTo(buffer.Start, buffer.End);
            return read.IsCompleted || _lifetime.IsStopRequested || _lifetime.IsIdleExpired ? EndIdle() : HeadOutcome.NeedMore;
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
                case HeaderParseResult.Done when !TryRentArena():
                    _input.AdvanceTo(buffer.End);
                    return RefuseForSpace();

                case HeaderParseResult.Done:
                    HasNextInHand = taken + buffer.Length > _parser.HeadLength;
                    _table.Commit(_arena.Rented!, bytes[.._parser.HeadLength], _parser.RequestLine);
                    _pieces.Release();
                    _input.AdvanceTo(buffer.GetPosition(_parser.HeadLength - taken));
                    return Accept();

                case HeaderParseResult.NeedMore when read.IsCanceled && _lifetime.IsStopRequested && !_parser.HasBegun:
                    _input.AdvanceTo(buffer.End);
                    return HeadOutcome.Ended; // who has begun to ask is answered

                case HeaderParseResult.NeedMore when _lifetime.IsHeadExpired:
                    _input.AdvanceTo(buffer.End);
                    return Refuse(RequestRejection.RequestHeadersTimeout);

                case HeaderParseResult.NeedMore when FindFault(bytes) is not RequestRejection.None and var fault:
                    _input.AdvanceTo(buffer.End);
                    return Refuse(fault);

                case HeaderParseResult.NeedMore when !read.IsCompleted:
                    _lifetime.StartHeadClock();
                    if (_pieces.Length == 0)
                    {
                        _pieces.Append(buffer, _service.LargestHead);
                    }

                    _input.AdvanceTo(buffer.GetPosition(_pieces.Length - taken), buffer.End);
                    return HeadOutcome.NeedMore;

                case HeaderParseResult.NeedMore when !_parser.HasBegun:
                    _input.AdvanceTo(buffer.End);
                    return HeadOutcome.Ended; // empty lines begin no request

                case HeaderParseResult.NeedMore:
                    _input.AdvanceTo(buffer.End);
                    return Refuse(RequestRejection.UnexpectedEnd);

                default:
                    RequestRejection first = FirstFault(bytes, _parser.Rejection); // before the transport takes the bytes back
                    _input.AdvanceTo(buffer.End);
                    return Refuse(first);
            }
        }
        catch (ArenaExhaustedException)
        {
            _input.AdvanceTo(buffer.End);
            return RefuseForSpace();
        }
    }

    private HeaderParseResult Parse(in ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        // Nearly every head is whole in the first segment, however much of a body or of further requests follows it.
        if (_pieces.Length == 0)
        {
            bytes = buffer.FirstSpan;
            HeaderParseResult result = _parser.Parse(bytes, _table);
            if (result != HeaderParseResult.NeedMore || buffer.IsSingleSegment)
            {
                return result;
            }
        }

        bytes = _pieces.Append(buffer, _service.LargestHead);
        return _parser.Parse(bytes, _table);
    }

    /// <remarks>The arena comes when the head is complete: a client that does not end its head holds its bytes and its lines, in arrays.</remarks>
    private void BeginHead()
    {
        _isHeadBegun = true;
        _lifetime.BeginHead();
        Debug.Assert(_table.Count == 0, "The request before it has left no lines.");
        _parser.Reset();
    }

    /// <returns>False when there is no room for a request: under <see cref="ArenaExhaustion.Reject"/> it is turned away when its head is complete.</returns>
    private bool TryRentArena()
    {
        Arena arena = _arena.Rent();
        if (arena.Process.Exhaustion != ArenaExhaustion.Reject || arena.TryReserve(ArenaRejection.AdmissionSize))
        {
            return true;
        }

        _arena.Return();
        return false;
    }

    private HeadOutcome Accept()
    {
        RequestRejection rejection = RequestFraming.TryDetermine(_parser.RequestLine, _table, out _framing, _service.HeaderLimits.Tolerated);
        if (rejection == RequestRejection.None)
        {
            rejection = Target.Parse(_parser.RequestLine.TargetOf(_table.Head), _parser.RequestLine.Method, HostOf(_table));
        }

        if (rejection == RequestRejection.None)
        {
            rejection = _service.HeaderDecoder.Check(_table);
        }

        if (rejection != RequestRejection.None)
        {
            return Refuse(FirstFault(_table.Head, rejection));
        }

        if (Target.HostOverride is { } host)
        {
            _table.ReplaceValue(_table.IndexOf(KnownHeader.Host), _parser.RequestLine.TargetOffset + Target.HostOverrideStart, host.Length);
        }

        return HeadOutcome.Ready;
    }

    /// <summary>Of several faults the first line's, which would have been refused at once had its bytes come alone.</summary>
    private RequestRejection FirstFault(ReadOnlySpan<byte> head, RequestRejection rejection) =>
        FindFault(head) is not RequestRejection.None and var fault ? fault : rejection;

    /// <summary>What one of the lines that have come is refused for: the first fault counts, be it of its form or of its encoding.</summary>
    private RequestRejection FindFault(ReadOnlySpan<byte> head)
    {
        int before = _parser.SoundLines;
        RequestRejection fault = _parser.FindFault(head, _table);
        RequestRejection undecodable = _service.HeaderDecoder.CheckLines(_table.Entries[before.._parser.SoundLines], head);
        return undecodable != RequestRejection.None ? undecodable : fault;
    }

    private static ReadOnlySpan<byte> HostOf(HeaderTable table) =>
        table.IndexOf(KnownHeader.Host) is >= 0 and var index ? table.ValueAt(index) : [];

    private HeadOutcome Refuse(RequestRejection rejection)
    {
        RefusalLog.RequestRefused(_service.Logger, _lifetime.Identity.ConnectionId, rejection);
        _service.Rejections?.Count(rejection);
        _lifetime.EndsWith(RequestRejections.ErrorType(rejection));
        AllowedMethod = RequestRejections.AllowedMethod(rejection);
        Refusal = rejection;
        RefusalStatus = RequestRejections.StatusCode(rejection);
        return HeadOutcome.Refused;
    }

    private HeadOutcome RefuseForSpace()
    {
        Events.ArenaFull(_service.Logger, _lifetime.Identity.ConnectionId, _service.Arenas.Process.Used, _service.Arenas.Process.Capacity);
        _lifetime.EndsWith(ConnectionError.ArenaFull);
        RefusalStatus = StatusCodes.Status503ServiceUnavailable;
        return HeadOutcome.Refused;
    }

    private HeadOutcome EndIdle()
    {
        if (_lifetime.IsIdleExpired)
        {
            _lifetime.EndsWith(ConnectionError.KeepAliveTimeout);
        }

        return HeadOutcome.Ended;
    }

    /// <summary>The request is over: nothing of its head is left.</summary>
    internal void Release()
    {
        _pieces.Release();
        _table.Clear();
        _arena.Return();
        _isHeadBegun = false;
    }
}
