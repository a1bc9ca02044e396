import { IsInt, IsOptional, IsString } from 'class-validator';

export class AuthorInput {
  @IsOptional()
  @IsString()
  slug?: string;

  @IsOptional()
  @IsString()
  name?: string;

  @IsOptional()
  @IsInt()
  born?: number | null;
}
