import CLMDB

/// A named database of an environment, with the codecs of its keys and values. Valid as long as the environment.
public struct Database<Key: Codec, Value: Codec>: Sendable {
  let number: MDB_dbi
  public let name: String
}

/// A database whose keys and values the caller lays out.
public typealias RawDatabase = Database<BytesCodec, BytesCodec>
