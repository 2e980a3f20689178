import LoamExport
import LoamKernels
import LoamSchema

/// The IDs of the rows of an array, in their order, where the array itself has none.
protocol IDFeed: AnyObject {
  /// Appends the IDs of `count` rows, of which the first is row `first`.
  func append(_ count: Int, from first: Int, to batch: VectorBatch) throws(ImportError)
  /// Nothing may be left.
  func end(rows: Int) throws(ImportError)
}

/// Row number and ID are the same.
final class RowNumberIDs: IDFeed {
  private let parser: IDParser
  private let file: String

  init(_ parser: IDParser, file: String) { (self.parser, self.file) = (parser, file) }

  func append(_ count: Int, from first: Int, to batch: VectorBatch) throws(ImportError) {
    for row in first..<first + count { batch.append(try parser.id(UInt64(row), "\(file): row \(row)")) }
  }

  func end(rows: Int) {}
}

/// A text file with one ID a line.
final class LineIDs: IDFeed {
  private let parser: IDParser
  private let stream: ByteStream
  private var lines = 0

  init(_ parser: IDParser, _ path: String) throws(ImportError) {
    self.parser = parser
    stream = ByteStream(try FileFeed(path))
  }

  func append(_ count: Int, from first: Int, to batch: VectorBatch) throws(ImportError) {
    for row in first..<first + count {
      guard let line = try stream.line() else {
        throw ImportError(.mismatch, "\(stream.name) ends after \(lines) IDs, the array goes on with row \(row)")
      }
      lines += 1
      batch.append(try parser.id(line, "\(stream.name):\(lines)"))
    }
  }

  func end(rows: Int) throws(ImportError) {
    guard try stream.isAtEnd() else {
      throw ImportError(.mismatch, "\(stream.name) has more lines than the array has rows: \(rows)")
    }
  }
}

/// An array of whole numbers.
final class NumberIDs: IDFeed {
  private let parser: IDParser
  private let array: NPYArray

  init(_ parser: IDParser, _ array: NPYArray, rows: Int?) throws(ImportError) {
    guard array.header.shape.count == 1, array.header.type.isInteger else {
      throw ImportError(
        .mismatch, "\(array.name): IDs are an array [rows] of whole numbers, found \(array.header.summary)")
    }
    if let rows, array.header.shape[0] != rows {
      throw ImportError(.mismatch, "\(array.name) has \(array.header.shape[0]) IDs, the vectors have \(rows) rows")
    }
    (self.parser, self.array) = (parser, array)
  }

  func append(_ count: Int, from first: Int, to batch: VectorBatch) throws(ImportError) {
    for row in first..<first + count {
      let value = try array.integer("ID \(row)")
      guard value >= 0, let number = UInt64(exactly: value) else {
        throw ImportError(.badID, "\(array.name): row \(row): \(value) is no ID: IDs are numbers from 0")
      }
      batch.append(try parser.id(number, "\(array.name): row \(row)"))
    }
  }

  func end(rows: Int) throws(ImportError) { try array.end() }
}
