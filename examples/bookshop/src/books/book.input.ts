import { Transform } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Min } from 'class-validator';

/** `?author=` is as good as no author. */
const ToNumber = () => Transform(({ value }: { value: unknown }) => (value === '' ? undefined : Number(value)));

export class BookInput {
  @IsOptional()
  @IsString()
  title?: string;

  @IsOptional()
  @IsInt()
  author_id?: number | null;

  @IsOptional()
  @IsNumber()
  @Min(0)
  price?: number;
}

export class ListBooks {
  @IsOptional()
  @ToNumber()
  @IsInt()
  author?: number;

  /** Part of a title. */
  @IsOptional()
  @IsString()
  q?: string;

  @IsOptional()
  @ToNumber()
  @IsInt()
  @Min(0)
  skip?: number;
}
