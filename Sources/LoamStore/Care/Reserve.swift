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
    let free = try lmdb { () throws(LMDBError) in
      try environment.freePages() * (try environment.usage().pageSizeBytes)
    }
    // Twice: pages of the trees are copied too.
    guard free < 2 * bytes else { return }
    throw StoreError(
      .diskFull,
      "\(environment.path): the disk has \(space.freeBytes) bytes left, and a put of \(bytes) would leave less than "
        + "the \(reserve) that removing blocks needs",
      hint: "Free space on the store's disk and repeat: nothing that was acknowledged is lost.")
  }
}
