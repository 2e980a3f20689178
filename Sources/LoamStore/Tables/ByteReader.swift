/// Reads little-endian numbers off stored bytes; every length is checked before it is used.
struct ByteReader: ~Copyable {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private let place: String

  /// - Parameters:
  ///   - bytes: must outlive the reader.
  ///   - place: what is read, for the message of an error.
  init(_ bytes: UnsafeRawBufferPointer, place: String) {
    self.bytes = bytes
    self.place = place
  }

  var remaining: Int { bytes.count - position }

  func damaged(_ what: String) -> StoreError {
    StoreError(.badBlock, "\(place): \(what) at byte \(position) of \(bytes.count)")
  }

  mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(StoreError) -> T {
    guard remaining >= MemoryLayout<T>.size else { throw damaged("expected \(T.self), found the end") }
    defer { position += MemoryLayout<T>.size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
  }

  /// `count` values whose every bit pattern is valid, copied as they lie.
  mutating func array<T: BitwiseCopyable>(_ count: Int, of type: T.Type = T.self) throws(StoreError) -> [T] {
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
    guard count >= 0, !overflow, size <= remaining else {
      throw damaged("expected \(count) x \(T.self), found \(remaining) bytes")
    }
    guard count > 0 else { return [] }
    let from = position
    position += size
    return [T](unsafeUninitializedCapacity: count) { buffer, initialised in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + size]))
      initialised = count
    }
  }

  /// The next bytes where they lie.
  mutating func raw(_ count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
    guard count <= remaining else { throw damaged("expected \(count) bytes, found \(remaining)") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  func end() throws(StoreError) {
    guard remaining == 0 else { throw damaged("expected the end, found \(remaining) more bytes") }
  }
}

extension [UInt8] {
  /// Runs `body` with a reader over these bytes.
  func reading<R>(_ place: String, _ body: (inout ByteReader) throws(StoreError) -> R) throws(StoreError) -> R {
    // The standard library's withUnsafeBytes keeps no typed error, hence the Result.
    let result = withUnsafeBytes { bytes -> Result<R, StoreError> in
      do throws(StoreError) {
        var reader = ByteReader(bytes, place: place)
        return .success(try body(&reader))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
