using System.Runtime.CompilerServices;

namespace OneShot;

/// <summary>
/// What a request, or any other user for a while, is given of an <see cref="Arena"/>: all that allocates, and nothing that ends
/// the request. The value is a handle; copies of it are the same arena.
/// </summary>
/// <remarks>
/// <para>Valid until the request ends: from then on every member throws <see cref="ObjectDisposedException"/>, whoever has the
/// arena by then. A server that lends its arenas makes one for each request.</para>
/// <para>One owner at a time: not thread-safe. The check costs one comparison; it does not see the end of a request that
/// another thread brings about between the check and the allocation.</para>
/// </remarks>
public readonly struct RequestArena
{
    private readonly Arena? _arena;
    private readonly long _epoch;

    /// <summary>A handle for the present request of <paramref name="arena"/>: until its next <see cref="Arena.Reset"/> or <see cref="Arena.Dispose"/>.</summary>
    /// <param name="arena">The arena; it stays its owner's.</param>
    public RequestArena(Arena arena)
    {
        ArgumentNullException.ThrowIfNull(arena);
        _arena = arena;
        _epoch = arena.Epoch;
    }

    internal RequestArena(Arena? arena, long epoch)
    {
        _arena = arena;
        _epoch = epoch;
    }

    /// <summary>As the constructor does it: whoever has an arena can hand it to what takes a request's.</summary>
    public static implicit operator RequestArena(Arena arena) => new(arena);

    /// <summary>Bytes handed out in this request, with the padding that aligns them.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public long Allocated => Live.Allocated;

    /// <summary>Whose request it is, as far as the server says so: a trace identifier, under the debug option. See <see cref="Arena.Owner"/>.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public string? Owner => Live.Owner;

    /// <summary>The arena, for those who may end its request.</summary>
    internal Arena Live
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Arena? arena = _arena;
            if (arena is null || arena.Epoch != _epoch)
            {
                ThrowHelper.RequestOver(arena is null);
            }

            return arena;
        }
    }

    /// <inheritdoc cref="Arena.Allocate{T}(int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Allocate<T>(int count) where T : unmanaged => Live.Allocate<T>(count);

    /// <inheritdoc cref="Arena.AllocateAligned{T}(int, int)"/>
    public Span<T> AllocateAligned<T>(int count, int alignment) where T : unmanaged => Live.AllocateAligned<T>(count, alignment);

    /// <inheritdoc cref="Arena.AllocateUninitialized{T}(int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AllocateUninitialized<T>(int count) where T : unmanaged => Live.AllocateUninitialized<T>(count);

    /// <inheritdoc cref="Arena.AllocateUnsafe{T}(int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnsafeSlice<T> AllocateUnsafe<T>(int count) where T : unmanaged => Live.AllocateUnsafe<T>(count);

    /// <inheritdoc cref="Arena.New{T}(in T)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T New<T>(scoped in T value) where T : unmanaged => ref Live.New(in value);

    /// <inheritdoc cref="Arena.Copy(ReadOnlySpan{byte})"/>
    public Span<byte> Copy(ReadOnlySpan<byte> source) => Live.Copy(source);

    /// <inheritdoc cref="Arena.Copy{T}(ReadOnlySpan{T})"/>
    public Span<T> Copy<T>(ReadOnlySpan<T> source) where T : unmanaged => Live.Copy(source);

    /// <inheritdoc cref="Arena.TryReturn{T}(ref UnsafeSlice{T})"/>
    public bool TryReturn<T>(ref UnsafeSlice<T> piece) where T : unmanaged => Live.TryReturn(ref piece);

    /// <inheritdoc cref="Arena.TryResize{T}(ref UnsafeSlice{T}, int)"/>
    public bool TryResize<T>(ref UnsafeSlice<T> newest, int count) where T : unmanaged => Live.TryResize(ref newest, count);

    /// <inheritdoc cref="Arena.TryReserve(int)"/>
    public bool TryReserve(int size) => Live.TryReserve(size);

    /// <inheritdoc cref="Arena.Mark"/>
    public ArenaMark Mark() => Live.Mark();

    /// <inheritdoc cref="Arena.OnReset(Action{object}, object)"/>
    public void OnReset(Action<object?> callback, object? state) => Live.OnReset(callback, state);

    /// <inheritdoc cref="Arena.AllocateMemory(int)"/>
    public Memory<byte> AllocateMemory(int count) => Live.AllocateMemory(count);

    /// <inheritdoc cref="Arena.AllocateMemory{T}(int)"/>
    public Memory<T> AllocateMemory<T>(int count) where T : unmanaged => Live.AllocateMemory<T>(count);

    /// <inheritdoc cref="Arena.CreateWriter(int)"/>
    public ArenaBufferWriter CreateWriter(int initialCapacity = ArenaBufferWriter.DefaultCapacity) => new(this, initialCapacity);

    /// <inheritdoc cref="Arena.CreateList{T}(int)"/>
    public ArenaList<T> CreateList<T>(int capacity = 0) where T : unmanaged => Live.CreateList<T>(capacity);

    /// <inheritdoc cref="Arena.CreateQueue{T}(int)"/>
    public ArenaQueue<T> CreateQueue<T>(int capacity = 0) where T : unmanaged => Live.CreateQueue<T>(capacity);

    /// <inheritdoc cref="Arena.CreateDictionary{TKey, TValue}(int)"/>
    public ArenaDictionary<TKey, TValue> CreateDictionary<TKey, TValue>(int capacity = 0)
        where TKey : unmanaged, IEquatable<TKey>
        where TValue : unmanaged => Live.CreateDictionary<TKey, TValue>(capacity);

    /// <inheritdoc cref="Arena.CreateBytesDictionary{TValue}(int)"/>
    public ArenaBytesDictionary<TValue> CreateBytesDictionary<TValue>(int capacity = 0) where TValue : unmanaged => Live.CreateBytesDictionary<TValue>(capacity);

    /// <inheritdoc cref="Arena.Utf8(ref ArenaUtf8InterpolatedStringHandler)"/>
    public ReadOnlySpan<byte> Utf8([InterpolatedStringHandlerArgument("")] scoped ref ArenaUtf8InterpolatedStringHandler text) => text.Complete(Live);

    /// <inheritdoc cref="Arena.Utf8(IFormatProvider, ref ArenaUtf8InterpolatedStringHandler)"/>
#pragma warning disable IDE0060, CA1801 // The compiler hands the provider to the handler.
    public ReadOnlySpan<byte> Utf8(IFormatProvider? provider, [InterpolatedStringHandlerArgument("", nameof(provider))] scoped ref ArenaUtf8InterpolatedStringHandler text) => text.Complete(Live);
#pragma warning restore IDE0060, CA1801

    /// <inheritdoc cref="Arena.Utf16(ref ArenaUtf16InterpolatedStringHandler)"/>
    public ReadOnlySpan<char> Utf16([InterpolatedStringHandlerArgument("")] scoped ref ArenaUtf16InterpolatedStringHandler text) => text.Complete(Live);

    /// <inheritdoc cref="Arena.Utf16(IFormatProvider, ref ArenaUtf16InterpolatedStringHandler)"/>
#pragma warning disable IDE0060, CA1801 // The compiler hands the provider to the handler.
    public ReadOnlySpan<char> Utf16(IFormatProvider? provider, [InterpolatedStringHandlerArgument("", nameof(provider))] scoped ref ArenaUtf16InterpolatedStringHandler text) => text.Complete(Live);
#pragma warning restore IDE0060, CA1801
}
