import Foundation

/// Reads batches ahead of the step, on a thread of its own: rows are decoded, mixed and put side by side while the step
/// before is computed.
///
/// ```
/// thread    read ──▶ ready (at most 3) ──▶ next() ──▶ the step
///             ▲                                          │
///             └───────────── giveBack() ◀────────────────┘
/// ```
/// The batches are those that the reader would have given. The reader belongs to this until it has ended or was stopped.
public final class PrefetchingReader {
  private let state: PrefetchState

  /// - Parameter reader: at the place where the first batch begins.
  public init(_ reader: FeatureReader, rowCount: Int) {
    state = PrefetchState(reader, rowCount: rowCount)
    let thread = Thread { [state] in state.read() }
    thread.name = "loam-reader"
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { state.stop() }

  /// The next batch; `nil` after the last. Waits where none is ready.
  public func next() throws(QueryError) -> RawBatch? {
    switch state.next() {
    case .success(let batch): return batch
    case .failure(let error): throw error
    }
  }

  /// Hands back the memory of a batch that is used up.
  public func giveBack(_ batch: RawBatch) { state.giveBack(batch) }

  /// Ends the thread before the last batch, and waits until it has let go of the reader.
  public func stop() { state.stop() }
}

/// `@unchecked Sendable`: what changes is touched under `condition`; `reader` and the batch that is being filled by the
/// reading thread alone, until `ended`.
private final class PrefetchState: @unchecked Sendable {
  private static let batchesAhead = 3

  private let reader: FeatureReader
  private let rowCount: Int
  private let condition = NSCondition()
  private var ready: [RawBatch] = []
  private var free: [RawBatch]
  private var failure: QueryError?
  private var (stopping, ended) = (false, false)

  init(_ reader: FeatureReader, rowCount: Int) {
    self.reader = reader
    self.rowCount = rowCount
    // One more is with the step.
    free = (0...Self.batchesAhead).map { _ in RawBatch(reader.definition) }
  }

  func read() {
    while let batch = takeFree() {
      do throws(QueryError) {
        guard try reader.next(rowCount, into: batch) else { break }
      } catch {
        condition.withLock { failure = error }
        break
      }
      condition.withLock {
        ready.append(batch)
        condition.broadcast()
      }
    }
    condition.withLock {
      ended = true
      condition.broadcast()
    }
  }

  private func takeFree() -> RawBatch? {
    condition.withLock {
      while !stopping, free.isEmpty { condition.wait() }
      return stopping ? nil : free.removeLast()
    }
  }

  func next() -> Result<RawBatch?, QueryError> {
    condition.withLock {
      while ready.isEmpty, !ended { condition.wait() }
      if !ready.isEmpty { return .success(ready.removeFirst()) }
      if let failure { return .failure(failure) }
      return .success(nil)
    }
  }

  func giveBack(_ batch: RawBatch) {
    // Lets go of its windows: who knows when it is filled again.
    batch.begin()
    condition.withLock {
      free.append(batch)
      condition.broadcast()
    }
  }

  func stop() {
    condition.withLock {
      stopping = true
      condition.broadcast()
      while !ended { condition.wait() }
    }
  }
}
