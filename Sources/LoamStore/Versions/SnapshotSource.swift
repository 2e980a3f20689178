import Synchronization

/// Snapshots of what a reference names, for a process that reads for as long as it lives: never older than they may be.
///
/// ```swift
/// let serving = SnapshotSource(store, at: .name("serving"), ageSecondsMax: 60)
/// let snapshot = try serving.current()          // for each request, or batch of requests
/// ```
///
/// A snapshot pins the pages that it may read: a process that keeps one for hours makes the files of a busy store grow.
/// Here it is renewed at half of its maximum age, so what `current` gives can be used for at least the other half; past
/// all of it, it is refused (`snapshot-expired`) and not read on. A version that is published, or a name that moves, is
/// seen by the next call. May be used from several threads.
public final class SnapshotSource: Sendable {
  public let store: Store
  public let reference: VersionReference
  public let ageSecondsMax: Double
  private let held = Mutex<Snapshot?>(nil)

  /// - Parameter ageSecondsMax: of each snapshot; above 0.
  public init(_ store: Store, at reference: VersionReference = .latest, ageSecondsMax: Double = 60) {
    precondition(ageSecondsMax > 0, "snapshots of at most \(ageSecondsMax) seconds")
    (self.store, self.reference, self.ageSecondsMax) = (store, reference, ageSecondsMax)
  }

  /// The snapshot of now. Costs one look at the catalog where nothing has changed; what pointers a reader of tables has
  /// collected belongs to its snapshot, so make readers anew when another one is given.
  ///
  /// - Throws: what opening a snapshot throws: `versionDropped` or `unknownVersion` where the version is not kept any
  ///   more, also where the snapshot of it that was given before is still whole.
  public func current() throws(StoreError) -> Snapshot {
    let outcome = held.withLock { held -> Result<Snapshot, StoreError> in
      do throws(StoreError) {
        if let snapshot = held, try isCurrent(snapshot) { return .success(snapshot) }
        let fresh = try store.snapshot(at: reference, ageSecondsMax: ageSecondsMax)
        held = fresh
        return .success(fresh)
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  private func isCurrent(_ snapshot: Snapshot) throws(StoreError) -> Bool {
    if snapshot.ageSeconds * 2 >= ageSecondsMax { return false }
    return try store.number(of: reference) == snapshot.record.version
  }
}
