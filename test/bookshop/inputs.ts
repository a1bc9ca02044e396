import { Type } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';

/** What the bodies of writes may hold: each field may be left out, and the key, which stands in the path, is not taken from here. */
export class AuthorInput {
  @IsOptional() id?: unknown;
  @IsOptional() @IsString() slug?: string;
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsInt() born?: number | null;
}

export class BookInput {
  @IsOptional() isbn?: unknown;
  @IsOptional() @IsString() title?: string;
  @IsOptional() @IsInt() author_id?: number | null;
  @IsOptional() @IsNumber() price?: number;
}

export class ShelfInput {
  @IsOptional() shelf?: unknown;
  @IsOptional() slot?: unknown;
  @IsOptional() @IsString() isbn?: string | null;
}

export class NoteInput {
  @IsOptional() @IsString() body?: string;
}

export class CopyInput {
  @IsOptional() @IsString() isbn?: string | null;
}

export class CountryInput {
  @IsOptional() @IsString() name?: string;
}

export class ListBooks {
  @IsOptional() @Type(() => Number) @IsInt() author?: number;
  /** Part of a title. */
  @IsOptional() @IsString() q?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) skip?: number;
}

export class ListNotes {
  @Type(() => Number) @IsInt() @Min(1) @Max(100) limit: number = 20;
}
