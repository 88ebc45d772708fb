using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ContextAware.Concurrency;

/// <summary>Threads for work side by side, on each of which libtorch computes alone.</summary>
/// <remarks>
/// Small products and sums gain little from being divided; whole batches side by side gain all there is. How many threads
/// libtorch takes for an operation is a setting of the thread that calls it, so these threads are nobody else's.
/// </remarks>
internal sealed class BatchWorkers : IDisposable
{
    private readonly Thread[] threads;
    private readonly SemaphoreSlim begin = new(0);
    private readonly CountdownEvent done = new(1);
    private Action<int>? work;
    private Exception?[] failures = [];
    private int next;
    private int busy;
    private volatile bool isOver;

    /// <summary>Starts the threads; they wait.</summary>
    public BatchWorkers(int count)
    {
        threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Work) { IsBackground = true, Name = $"batch worker {i}" })];
        Alone(() =>
        {
            foreach (var thread in threads) thread.Start();
        });
    }

    /// <summary>Does some work, and returns when all of it is done.</summary>
    /// <param name="items">How many parts it has.</param>
    /// <param name="part">Does one part. It belongs to no dispose scope of the caller.</param>
    /// <returns>What each part gave.</returns>
    /// <exception cref="InvalidOperationException">Other work is going on.</exception>
    /// <exception cref="ObjectDisposedException">The threads have ended.</exception>
    /// <exception cref="Exception">The first that a part threw, if one did; the others are finished all the same.</exception>
    public T[] Run<T>(int items, Func<int, T> part)
    {
        ObjectDisposedException.ThrowIf(isOver, this);
        if (Interlocked.Exchange(ref busy, 1) == 1) throw new InvalidOperationException("Expected one call at a time, got one while another is going on.");
        var results = new T[items];
        try
        {
            (work, failures, next) = (item => results[item] = part(item), new Exception?[items], -1);
            Alone(() => begin.Release(threads.Length));
            work = null;
        }
        finally
        {
            Volatile.Write(ref busy, 0);
        }

        if (Array.Find(failures, failure => failure is not null) is not { } first) return results;
        foreach (var result in results.OfType<IDisposable>()) result.Dispose();
        ExceptionDispatchInfo.Throw(first);
        return results;
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (isOver) return;
        isOver = true;
        begin.Release(threads.Length);
        foreach (var thread in threads) thread.Join();
        begin.Dispose();
        done.Dispose();
    }

    // What the threads set is for themselves in libtorch, but for all threads in some of the libraries under it; and threads
    // to come begin with what was set last.
    private void Alone(Action start)
    {
        var atOnce = get_num_threads();
        set_num_threads(1);
        try
        {
            done.Reset(threads.Length);
            start();
            done.Wait();
        }
        finally
        {
            set_num_threads(atOnce);
        }
    }

    private void Work()
    {
        set_num_threads(1);
        done.Signal();
        while (true)
        {
            begin.Wait();
            if (isOver) return;
            for (var item = Interlocked.Increment(ref next); item < failures.Length; item = Interlocked.Increment(ref next)) Do(item);
            done.Signal();
        }
    }

    // What is thrown is thrown again by Run, on the thread that waits.
    private void Do(int item)
    {
        try
        {
            work!(item);
        }
        catch (Exception failure)
        {
            failures[item] = failure;
        }
    }
}
