import LMDB

/// Room that puts leave on a disk that fills up: removing blocks takes pages before it gives any back.
extension Shard {
  private static let reserveBytesMax = 64 << 20
  /// A fiftieth of a small disk.
  private static let reserveDivisor = 50

  /// Throws `diskFull` where a put of so many bytes fits neither into the file's free pages nor beside the reserve.
  func requireRoom(for bytes: Int) throws(StoreError) {
    guard let space = Disk.space(at: environment.path) else { return }
    let reserve = min(Self.reserveBytesMax, space.totalBytes / Self.reserveDivisor)
    guard space.freeBytes < bytes + reserve else { return }
    let reusable = try lmdb { () throws(LMDBError) in
      try environment.reusablePages() * (try environment.usage().pageSizeBytes)
    }
    // Twice: pages of the trees are copied too.
    guard reusable < 2 * bytes else { return }
    throw StoreError(
      .diskFull,
      "\(environment.path): the disk has \(space.freeBytes) bytes left, and a put of \(bytes) would leave less than "
        + "the \(reserve) that removing blocks needs",
      hint: "Free space on the store's disk and repeat: nothing that was acknowledged is lost.")
  }

  /// Pages that a commit freed are taken by the second one after it. This is the first.
  func makeFreedPagesReusable() throws(LMDBError) {
    try environment.write { transaction throws(LMDBError) in
      try transaction.put(try transaction.lastPut(self), at: "lastPut", in: identity)
    }
  }
}
