"""AWS: CloudFormation's templates, made of the functions' descriptions. They were never applied."""
