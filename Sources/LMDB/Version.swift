import CLMDB

/// The version of the linked liblmdb, as `0.9.24`.
public let version: String = {
  var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
  _ = mdb_version(&major, &minor, &patch)
  return "\(major).\(minor).\(patch)"
}()
