using OneShot.LoadTest.Tail.Load;

namespace OneShot.LoadTest.Tests.Tail.Load;

public class RequestQueueTests
{
    [Fact]
    public async Task What_is_due_waits_in_its_order_for_a_free_connection()
    {
        RequestQueue queue = new();
        RequestQueue.Place place = queue.CreatePlace();
        queue.Release();
        queue.Release();
        queue.Release();

        Assert.Equal(0, await place.NextAsync());
        Assert.Equal(1, await place.NextAsync());
        Assert.Equal(2, await place.NextAsync());
    }

    [Fact]
    public async Task A_free_connection_gets_the_next_one_at_once_and_the_one_that_idles_longest_first()
    {
        RequestQueue queue = new();
        RequestQueue.Place first = queue.CreatePlace();
        RequestQueue.Place second = queue.CreatePlace();
        Task<long> one = first.NextAsync().AsTask();
        Task<long> other = second.NextAsync().AsTask();
        Assert.False(one.IsCompleted);

        queue.Release();
        queue.Release();

        Assert.Equal(0, await one);
        Assert.Equal(1, await other);
    }

    [Fact]
    public async Task At_the_end_what_waits_is_given_first()
    {
        RequestQueue queue = new();
        RequestQueue.Place free = queue.CreatePlace();
        RequestQueue.Place busy = queue.CreatePlace();
        Task<long> waiting = free.NextAsync().AsTask();
        queue.Release();
        queue.Release();
        queue.End();

        Assert.Equal(0, await waiting);
        Assert.Equal(1, await busy.NextAsync());
        Assert.Equal(RequestQueue.Place.End, await busy.NextAsync());
        Assert.Equal(RequestQueue.Place.End, await free.NextAsync());
    }

    [Fact]
    public async Task Free_connections_are_told_the_end()
    {
        RequestQueue queue = new();
        Task<long>[] waiting = [queue.CreatePlace().NextAsync().AsTask(), queue.CreatePlace().NextAsync().AsTask()];

        queue.End();

        Assert.All(await Task.WhenAll(waiting), next => Assert.Equal(RequestQueue.Place.End, next));
    }
}
