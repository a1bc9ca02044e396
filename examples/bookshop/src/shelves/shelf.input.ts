import { IsOptional, IsString } from 'class-validator';

export class ShelfInput {
  @IsOptional()
  @IsString()
  isbn?: string | null;
}
